(function () {
  "use strict";
  var box = document.getElementById("find");
  var told = document.getElementById("found");
  var items = Array.prototype.slice.call(document.querySelectorAll(".reports > li"));
  function find() {
    var words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    var shown = 0;
    items.forEach(function (item) {
      var text = item.getAttribute("data-text");
      item.hidden = !words.every(function (word) { return text.indexOf(word) >= 0; });
      shown += item.hidden ? 0 : 1;
    });
    document.querySelectorAll("section[data-run]").forEach(function (part) {
      part.hidden = !part.querySelector(".reports > li:not([hidden])");
    });
    told.textContent = told.getAttribute("data-said").replace("#", shown).replace("#", items.length);
  }
  box.addEventListener("input", find);
  find();
  document.documentElement.setAttribute("data-drawn", "");
})();

(function () {
  "use strict";
  var box = document.getElementById("find");
  var told = document.getElementById("found");
  var items = Array.prototype.slice.call(document.querySelectorAll(".reports > li"));
  function has(words, text) {
    return words.every(function (word) { return text.indexOf(word) >= 0; });
  }
  // The earlier reports of a card that are looked for; where its latest one is not, the fold shows those alone.
  function older(item, words) {
    var fold = item.querySelector("details.older");
    if (!fold) { return false; }
    var isLatest = has(words, item.getAttribute("data-text"));
    var named = item.getAttribute("data-named") + " ";
    var found = 0;
    Array.prototype.forEach.call(fold.querySelectorAll("li"), function (one) {
      var isFound = has(words, named + one.getAttribute("data-text"));
      found += isFound ? 1 : 0;
      one.hidden = !isLatest && !isFound;
    });
    if (words.length && found && !isLatest) {
      if (!fold.open) { fold.open = true; fold.setAttribute("data-opened", ""); }
    } else if (fold.hasAttribute("data-opened")) {
      fold.open = false;
      fold.removeAttribute("data-opened");
    }
    return found > 0;
  }
  function find() {
    var words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    var shown = 0;
    items.forEach(function (item) {
      var isOlder = older(item, words);
      item.hidden = !isOlder && !has(words, item.getAttribute("data-text"));
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

"use strict";
// Draws the charts of a report: in the width there is, light or dark, and once more for paper.
(() => {
  const NARROW = 520, PAPER = 690, TITLE = 36, GAP = 4;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const charts = [...document.querySelectorAll("figure.chart")].map((figure) => ({
    place: figure.querySelector(".plot"),
    spec: JSON.parse(figure.querySelector("script").textContent),
    drawn: "",
  }));

  const put = (tree, path, value) => {
    const keys = path.split("."), last = keys.pop();
    keys.reduce((node, key) => (node[key] ??= {}), tree)[last] = value;
  };

  const fewer = (axis, least = 4) => {
    if (!axis?.tickvals || axis.tickvals.length < least) return false;
    const keep = (_, index) => index % 2 === 0;
    axis.tickvals = axis.tickvals.filter(keep);
    axis.ticktext = axis.ticktext?.filter(keep);
    return true;
  };

  const isCrowded = (place) => {
    const boxes = [...place.querySelectorAll(".xtick text")].map((text) => text.getBoundingClientRect());
    boxes.sort((one, other) => one.left - other.left);
    return boxes.some((box, index) => index && box.left < boxes[index - 1].right + GAP);
  };

  const layoutFor = (spec, width, isDark) => {
    const layout = structuredClone(spec.layout);
    layout.width = width;
    put(layout, "font.color", isDark ? "#e7e9ec" : "#22262b");
    put(layout, "hoverlabel.bgcolor", isDark ? "#2b3037" : "#ffffff");
    put(layout, "hoverlabel.font.color", isDark ? "#e7e9ec" : "#22262b");
    if (width < NARROW) {
      const narrow = { ...layout.meta?.oppnb?.narrow };
      if (narrow.few_ticks) fewer(layout.xaxis);
      delete narrow.few_ticks;
      for (const [path, value] of Object.entries(narrow)) put(layout, path, value);
      if (narrow.height) layout.height = narrow.height - TITLE;
      put(layout, "font.size", 12);
    }
    return layout;
  };

  const draw = (chart, onPaper) => {
    const width = onPaper ? PAPER : Math.floor(chart.place.clientWidth);
    const isDark = dark.matches && !onPaper;
    const wanted = `${width} ${isDark}`;
    if (!width || wanted === chart.drawn) return;
    chart.drawn = wanted;
    const config = { displayModeBar: false, typesetMath: false, scrollZoom: false, doubleClick: false };
    const layout = layoutFor(chart.spec, width, isDark);
    chart.place.style.height = `${layout.height}px`;
    const show = () => Plotly.react(chart.place, structuredClone(chart.spec.data), layout, config);
    show();
    while (isCrowded(chart.place) && fewer(layout.xaxis, 3)) show();  // labels stay level: fewer where they would touch
  };

  const drawAll = (onPaper = false) => charts.forEach((chart) => draw(chart, onPaper));

  let onPaper = matchMedia("print").matches, waiting = 0;
  const later = () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => drawAll(onPaper));
  };
  const folds = document.querySelectorAll("details.table");
  const paper = (isPaper) => {
    onPaper = isPaper;
    folds.forEach((fold) => {
      if (isPaper && !fold.open) { fold.open = true; fold.dataset.folded = "yes"; }
      if (!isPaper && fold.dataset.folded) { fold.open = false; delete fold.dataset.folded; }
    });
    drawAll(isPaper);
  };
  drawAll(onPaper);
  if (onPaper) paper(true);
  document.documentElement.dataset.drawn = "yes";
  addEventListener("resize", later);
  dark.addEventListener("change", later);
  addEventListener("beforeprint", () => paper(true));
  addEventListener("afterprint", () => paper(false));
  matchMedia("print").addEventListener("change", (event) => paper(event.matches));
})();

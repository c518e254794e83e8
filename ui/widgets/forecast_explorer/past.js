import { s } from "../shared/dom.js";
import { bottomAxis, scale, textWidth } from "../shared/axes.js";

const ROW = 26;

// For each earlier period the interval that was said, the forecast in it, and what came.
export function pastChart({ points, axis }, width, label) {
  const left = Math.max(...points.map((one) => textWidth(one.label, 13))) + 14;
  const x = scale(axis, left, width - 16);
  const bottom = points.length * ROW + 6;
  const height = bottom + 24;
  return s(
    "svg",
    { class: "oppnb-chart", width, height, viewBox: `0 0 ${width} ${height}`, role: "list", "aria-label": label },
    bottomAxis(axis, x, { top: 0, bottom, left, right: width - 16 }),
    points.map((one, index) => row(one, index * ROW + ROW / 2 + 3, x, left)),
  );
}

function row(one, y, x, left) {
  return s(
    "g",
    { role: "listitem", "aria-label": one.text },
    s("title", {}, one.text),
    s("text", { class: "oppnb-bar-label", x: left - 8, y: y + 4, "text-anchor": "end" }, one.label),
    s("line", { class: "oppnb-past", x1: x(one.low), x2: x(one.high), y1: y, y2: y }),
    s("g", { class: "oppnb-dot oppnb-main" }, s("circle", { cx: x(one.forecast), cy: y, r: 5 })),
    s("path", { class: "oppnb-came", d: diamond(x(one.actual), y) }),
  );
}

function diamond(x, y) {
  return `M ${x} ${y - 6} L ${x + 6} ${y} L ${x} ${y + 6} L ${x - 6} ${y} Z`;
}

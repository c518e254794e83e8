import { s } from "./dom.js";
import { bottomAxis, leftAxis, scale } from "./axes.js";

// Said against observed: dots with intervals, and the line on which they should lie.
// spec: {x, y, dots: [{x, y, low, high, label}]}
export function reliabilityChart(spec, width, { label } = {}) {
  const size = Math.min(width, 420);
  const place = { left: 46, right: size - 14, top: 22, bottom: size - 60 };
  const x = scale(spec.x, place.left, place.right);
  const y = scale(spec.y, place.bottom, place.top);
  const ends = [Math.max(spec.x.low, spec.y.low), Math.min(spec.x.high, spec.y.high)];
  return s(
    "svg",
    { class: "oppnb-chart", width: size, height: size, viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": label },
    leftAxis(spec.y, y, place),
    bottomAxis(spec.x, x, place),
    s("line", { class: "oppnb-line oppnb-neutral oppnb-dashed", x1: x(ends[0]), y1: y(ends[0]), x2: x(ends[1]), y2: y(ends[1]) }),
    spec.dots.map((dot) =>
      s(
        "g",
        { class: "oppnb-dot oppnb-main" },
        s("line", { x1: x(dot.x), x2: x(dot.x), y1: y(dot.low), y2: y(dot.high) }),
        s("circle", { cx: x(dot.x), cy: y(dot.y), r: 4.5 }),
        s("title", {}, dot.label),
      ),
    ),
  );
}

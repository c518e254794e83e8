import { s } from "../shared/dom.js";
import { bottomAxis, leftAxis, scale, textWidth } from "../shared/axes.js";

const R = 6;

// People by stance (across) and influence (up); who decides has a ring. spec: {x, y, dots: [{x, y, label, text, kind, decides}]}
export function powerMap(spec, width, { label, height = 230 }) {
  const place = { left: 44, right: width - 12, top: 22, bottom: height - 26 };
  const x = scale(spec.x, place.left, place.right);
  const y = scale(spec.y, place.bottom, place.top);
  const taken = [];
  const ordered = [...spec.dots].sort((one, two) => two.y - one.y);
  return s(
    "svg",
    { class: "oppnb-chart", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
    leftAxis(spec.y, y, place),
    bottomAxis(spec.x, x, place),
    s("line", { class: "oppnb-middle", x1: x(0), x2: x(0), y1: place.top, y2: place.bottom }),
    ordered.map((dot) => person(dot, x(dot.x), y(dot.y), place, taken)),
  );
}

function person(dot, x, y, place, taken) {
  const long = textWidth(dot.label, 12);
  const toLeft = x + R + 6 + long > place.right;
  const start = toLeft ? x - R - 6 - long : x + R + 6;
  let at = y + 4;
  while (taken.some((one) => Math.abs(one.y - at) < 14 && start < one.end && one.start < start + long)) at += 14;
  taken.push({ y: at, start, end: start + long });
  return s(
    "g",
    { class: `oppnb-person oppnb-${dot.kind}` },
    dot.decides ? s("circle", { class: "oppnb-ring", cx: x, cy: y, r: R + 4 }) : null,
    s("circle", { class: "oppnb-shape", cx: x, cy: y, r: R }),
    s("text", { x: start, y: at }, dot.label),
    s("title", {}, dot.text),
  );
}

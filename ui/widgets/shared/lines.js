import { s } from "./dom.js";
import { bottomAxis, leftAxis, scale, textWidth } from "./axes.js";

// Lines with bands, also as steps; x and y are axes as Python sends them.
// spec: {x, y, lines: [{key, label, kind: main|pale|up|down|target|neutral, step, dashed, points: [[x, y]],
//   band: [[x, low, high]]}], marks: [{at, label, kind}]}; marks are upright lines.
export function linesChart(spec, width, { label, height = 260 } = {}) {
  const left = Math.max(...spec.y.ticks.map((tick) => textWidth(tick.text, 11)), 16) + 12;
  const place = { left, right: width - 14, top: spec.y.title ? 22 : 10, bottom: height - (spec.x.title ? 44 : 26) };
  const x = scale(spec.x, place.left, place.right);
  const y = scale(spec.y, place.bottom, place.top);
  return s(
    "svg",
    { class: "oppnb-chart", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
    leftAxis(spec.y, y, place),
    bottomAxis(spec.x, x, place),
    spec.lines.map((line) => band(line, x, y)),
    spec.lines.map((line) => path(line, x, y)),
    (spec.marks ?? []).map((mark) => upright(mark, x, place)),
  );
}

function stepped(points) {
  return points.flatMap(([x, ...rest], index) => (index ? [[x, ...points[index - 1].slice(1)], [x, ...rest]] : [[x, ...rest]]));
}

function band(line, x, y) {
  if (!line.band?.length) return null;
  const points = line.step ? stepped(line.band) : line.band;
  const upper = points.map(([at, , high]) => `${x(at)},${y(high)}`);
  const lower = points.map(([at, low]) => `${x(at)},${y(low)}`).reverse();
  return s("polygon", { class: `oppnb-band oppnb-${line.kind}`, points: [...upper, ...lower].join(" ") });
}

function path(line, x, y) {
  const points = line.step ? stepped(line.points) : line.points;
  const told = points.map(([at, value]) => `${x(at)},${y(value)}`).join(" ");
  const dash = line.dashed ? " oppnb-dashed" : "";
  return s("polyline", { class: `oppnb-line oppnb-${line.kind}${dash}`, points: told }, s("title", {}, line.label));
}

function upright(mark, x, place) {
  const at = x(mark.at);
  const side = at > (place.left + place.right) / 2 ? "end" : "start";
  return s(
    "g",
    { class: `oppnb-mark oppnb-${mark.kind ?? "target"}` },
    s("line", { x1: at, x2: at, y1: place.top, y2: place.bottom }),
    s("text", { x: at + (side === "end" ? -5 : 5), y: place.top + 10, "text-anchor": side }, mark.label),
  );
}

import { s } from "./dom.js";
import { bottomAxis, choosable, cut, scale, textWidth } from "./axes.js";

const ROW = 34;
const BAR = 20;

// Horizontal bars or a waterfall, from top to bottom.
// spec: {bars: [{key, label, from, to, kind: total|up|down|pale|..., text, note}], axis, chosen, links: false for bars apart}
// options: {label, onChoose(key)?, above?: labels above their bars, as always where it is narrow}. Each bar is a button if it can be chosen.
export function barsChart(spec, width, { label, onChoose, above: isAbove } = {}) {
  const bars = spec.bars;
  const above = isAbove || width < 480;
  const widest = Math.max(0, ...bars.map((bar) => textWidth(bar.label, 13)));
  const left = above ? 2 : Math.min(widest + 14, width * 0.32);
  const room = Math.max(0, ...bars.map((bar) => textWidth(bar.text, 12))) + 12;
  const right = Math.max(width - room, left + 40);
  const row = above ? ROW + 16 : ROW;
  const bottom = bars.length * row + 4;
  const height = bottom + (spec.axis.title ? 42 : 24);
  const at = scale(spec.axis, left, right);
  const place = { top: 0, bottom, left, right };
  const made = bars.map((bar, index) => oneBar(bar, { index, row, above, left, at, width, spec, onChoose }));
  const links = (spec.links === false ? [] : bars.slice(1)).map((bar, index) => link(bars[index], index, at, row, above));
  return s(
    "svg",
    { class: "oppnb-chart", width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": label },
    bottomAxis(spec.axis, at, place),
    s("g", { "aria-hidden": "true" }, links),
    made,
  );
}

function topOf(index, row, above) {
  return index * row + (above ? 20 : (row - BAR) / 2);
}

function oneBar(bar, { index, row, above, left, at, width, spec, onChoose }) {
  const ends = [at(Math.max(bar.from, spec.axis.low)), at(Math.max(bar.to, spec.axis.low))];
  const [x, end] = [Math.min(...ends), Math.max(...ends)];
  const y = topOf(index, row, above);
  const isChosen = spec.chosen === bar.key;
  const state = isChosen ? " oppnb-chosen" : spec.chosen ? " oppnb-faded" : "";
  const props = { class: `oppnb-bar oppnb-${bar.kind}${state}`, data: { focus: `bar-${bar.key}`, bar: bar.key } };
  const name = `${bar.label} ${bar.text}${bar.note ? `, ${bar.note}` : ""}`;
  const acts = onChoose
    ? { role: "button", tabindex: "0", "aria-pressed": String(isChosen), on: choosable(() => onChoose(bar.key)) }
    : { role: "img" };
  const labelAt = above ? { x: left, y: y - 6 } : { x: left - 8, y: y + BAR / 2 + 4, "text-anchor": "end" };
  return s(
    "g",
    { ...props, ...acts, "aria-label": name },
    s("rect", { class: "oppnb-hit", x: 1, y: index * row + 1, width: width - 2, height: row - 2, rx: 4 }),
    s("text", { class: "oppnb-bar-label", ...labelAt }, cut(bar.label, above ? width - 8 : left - 10, 13)),
    " ",
    bar.text === "–" ? null : s("rect", { class: "oppnb-shape", x, y, width: Math.max(end - x, 2), height: BAR, rx: 2 }),
    s("text", { class: "oppnb-bar-text", x: end + 6, y: y + BAR / 2 + 4 }, bar.text),
  );
}

function link(bar, index, at, row, above) {
  const x = at(bar.to);
  const y = topOf(index, row, above) + BAR;
  return s("line", { class: "oppnb-link", x1: x, x2: x, y1: y, y2: topOf(index + 1, row, above) });
}

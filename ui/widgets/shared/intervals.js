import { s } from "./dom.js";
import { bottomAxis, choosable, cut, scale, textWidth } from "./axes.js";

const ROW = 50;
const SIZE = 13;

// A row a name: over the line its label and value in words, on the line a dot with its interval and a diamond to compare with.
// spec: {rows: [{key, label, value|null, low, high, reference, text, note, brief?, kind}], axis, chosen}
// options: {label, onChoose(key)?}. Each row is a button if it can be chosen.
export function intervalsChart(spec, width, { label, onChoose } = {}) {
  const bottom = spec.rows.length * ROW + 4;
  const height = bottom + (spec.axis.title ? 42 : 24);
  const place = { top: 0, bottom, left: 12, right: Math.max(width - 16, 40) };
  const at = scale(spec.axis, place.left, place.right);
  const isBrief = spec.rows.some((row) => textWidth(inWords(row), 12) > roomBeside(row, width)); // all rows alike, or one reads more into it
  return s(
    "svg",
    { class: "oppnb-chart", width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": label },
    bottomAxis(spec.axis, at, place),
    spec.rows.map((row, index) => oneRow(row, { index, at, place, width, spec, isBrief, onChoose })),
  );
}

function roomBeside(row, width) {
  return Math.max(width - textWidth(row.label, SIZE) - 24, width * 0.45);
}

function inWords(row, isBrief) {
  const note = (isBrief && row.brief) || row.note;
  return note ? `${row.text} (${note})` : row.text;
}

function oneRow(row, { index, at, place, width, spec, isBrief, onChoose }) {
  const top = index * ROW;
  const y = top + 36;
  const isChosen = spec.chosen === row.key;
  const classes = `oppnb-dot oppnb-${row.kind ?? "main"}${isChosen ? " oppnb-chosen" : ""}`;
  const props = { class: classes, data: { focus: `row-${row.key}`, row: row.key } };
  const said = inWords(row);
  const acts = onChoose
    ? { role: "button", tabindex: "0", "aria-pressed": String(isChosen), on: choosable(() => onChoose(row.key)) }
    : { role: "img" };
  const short = cut(inWords(row, isBrief), roomBeside(row, width), 12);
  return s(
    "g",
    { ...props, ...acts, "aria-label": `${row.label} ${said}` },
    s("title", {}, `${row.label} ${said}`),
    s("rect", { class: "oppnb-hit", x: 1, y: top + 1, width: width - 2, height: ROW - 2, rx: 4 }),
    s("text", { class: "oppnb-bar-label", x: 8, y: top + 18 }, cut(row.label, width - textWidth(short, 12) - 24, SIZE)),
    " ",
    s("text", { class: "oppnb-bar-text", x: width - 8, y: top + 18, "text-anchor": "end" }, short),
    s("line", { class: "oppnb-rail", x1: place.left, x2: place.right, y1: y, y2: y }),
    row.value === null ? null : marks(row, at, y),
  );
}

function marks(row, at, y) {
  const known = row.low !== null && row.high !== null;
  return [
    known ? s("line", { x1: at(row.low), x2: at(row.high), y1: y, y2: y, "stroke-width": 3 }) : null,
    row.reference === null ? null : diamond(at(row.reference), y),
    s("circle", { cx: at(row.value), cy: y, r: 5 }),
  ];
}

function diamond(x, y) {
  return s("path", { class: "oppnb-reference", d: `M${x},${y - 7}L${x + 6},${y}L${x},${y + 7}L${x - 6},${y}Z` });
}

import { s } from "./dom.js";

// From the axis that Python sent ({low, high, ticks, title}) to pixels between `from` and `to`.
export function scale(axis, from, to) {
  const span = axis.high - axis.low || 1;
  return (value) => from + ((value - axis.low) / span) * (to - from);
}

// About how wide a text is, in pixels: wide characters count for two.
export function textWidth(text, size = 12) {
  let units = 0;
  for (const letter of String(text)) units += letter.codePointAt(0) > 0x2e80 ? 1 : 0.56;
  return units * size;
}

// Cut a text that is too wide, with an ellipsis.
export function cut(text, width, size = 12) {
  const said = String(text);
  if (textWidth(said, size) <= width) return said;
  const letters = [...said];
  while (letters.length > 1 && textWidth(`${letters.join("")}…`, size) > width) letters.pop();
  return `${letters.join("")}…`;
}

// Ticks that do not touch each other at this width.
export function spaced(ticks, at, gap = 14) {
  const kept = [];
  let end = -Infinity;
  for (const tick of ticks) {
    const half = textWidth(tick.text, 11) / 2;
    if (at(tick.at) - half < end + gap) continue;
    kept.push(tick);
    end = at(tick.at) + half;
  }
  return kept;
}

// The middle of a label that must not stand out to the left or right.
function within(x, text, right) {
  const half = textWidth(text, 11) / 2;
  return Math.max(Math.min(x, right + 12 - half), half + 1);
}

// Lines and labels of an axis along the bottom.
export function bottomAxis(axis, at, { top, bottom, left, right }) {
  const ticks = spaced(axis.ticks.filter((tick) => tick.at >= axis.low && tick.at <= axis.high), at);
  const [before, last] = ticks.slice(-2);
  if (last && within(at(last.at), last.text, right) - at(before.at) < textWidth(before.text + last.text, 11) / 2 + 6) ticks.splice(-2, 1);
  const made = ticks.map((tick) => [
    s("line", { class: "oppnb-grid", x1: at(tick.at), x2: at(tick.at), y1: top, y2: bottom }),
    s("text", { class: "oppnb-tick-label", x: within(at(tick.at), tick.text, right), y: bottom + 16, "text-anchor": "middle" }, tick.text),
  ]);
  const title = axis.title
    ? s("text", { class: "oppnb-tick-label", x: (left + right) / 2, y: bottom + 34, "text-anchor": "middle" }, axis.title)
    : null;
  return s("g", { "aria-hidden": "true" }, made.flat(), title);
}

// The same along the left.
export function leftAxis(axis, at, { left, right, top }) {
  const ticks = axis.ticks.filter((tick) => tick.at >= axis.low && tick.at <= axis.high);
  const made = ticks.map((tick) => [
    s("line", { class: "oppnb-grid", x1: left, x2: right, y1: at(tick.at), y2: at(tick.at) }),
    s("text", { class: "oppnb-tick-label", x: left - 6, y: at(tick.at) + 4, "text-anchor": "end" }, tick.text),
  ]);
  const title = axis.title ? s("text", { class: "oppnb-tick-label", x: 0, y: top - 8 }, axis.title) : null;
  return s("g", { "aria-hidden": "true" }, made.flat(), title);
}

// What a keyboard does with a shape that can be chosen.
export function choosable(run) {
  return {
    click: run,
    keydown: (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      run();
    },
  };
}

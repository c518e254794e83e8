import { h, s } from "../shared/dom.js";
import { bottomAxis, leftAxis, scale, textWidth } from "../shared/axes.js";

const TOP = 14;
const BARS = 150;
const GAP = 34;
const CURVE = 110;

// Where an amount stands in the chart of this width: {x, left, right}.
export function amountScale(frame, width) {
  const left = Math.max(...frame.y.ticks.map((tick) => textWidth(tick.text, 11))) + 10;
  const right = width - 12;
  return { x: scale(frame.x, left, right), left, right };
}

// Above how likely which amount is, the target among the bars; below the chance to reach each amount.
export function distributionChart(frame, width, t) {
  const { x, left, right } = amountScale(frame, width);
  const upper = { top: TOP + 8, bottom: TOP + BARS, left, right };
  const lower = { top: upper.bottom + GAP, bottom: upper.bottom + GAP + CURVE, left, right };
  const height = lower.bottom + 22;
  const size = { width, height, viewBox: `0 0 ${width} ${height}` };
  const chart = s(
    "svg",
    { class: "oppnb-chart oppnb-distribution", ...size, role: "img", "aria-label": `${t("figure")}. ${frame.title}` },
    bars(frame, x, upper),
    s("line", { class: "oppnb-grid", x1: left, x2: right, y1: upper.bottom, y2: upper.bottom }),
    curves(frame, x, lower),
    frame.target ? target(frame.target, x, upper, lower, { left, right }) : null,
  );
  return h("div", {}, legend(frame, t), chart);
}

function bars(frame, x, place) {
  const y = scale({ low: 0, high: frame.most * 1.02 }, place.bottom, place.top);
  const made = frame.bars.map(([low, high, share, , reaches]) => {
    const wide = Math.max(x(high) - x(low) - 1, 0.5);
    return s(
      "g",
      { class: reaches ? "oppnb-up" : "oppnb-main" },
      s("rect", { class: "oppnb-shape", x: x(low) + 0.5, y: y(share), width: wide, height: place.bottom - y(share) }),
    );
  });
  const before = frame.bars.filter((bar) => bar[3] !== null);
  const steps = before.flatMap(([low, high, , share]) => [`${x(low)},${y(share)}`, `${x(high)},${y(share)}`]);
  const outline = s("polyline", { class: "oppnb-line oppnb-neutral oppnb-dashed", points: steps.join(" ") });
  return s("g", { "aria-hidden": "true" }, made, before.length ? outline : null);
}

function curves(frame, x, place) {
  const y = scale(frame.y, place.bottom, place.top);
  const path = (points, kind) =>
    s("polyline", { class: `oppnb-line ${kind}`, points: points.map(([at, share]) => `${x(at)},${y(share)}`).join(" ") });
  return s(
    "g",
    { "aria-hidden": "true" },
    leftAxis(frame.y, y, place),
    bottomAxis(frame.x, x, place),
    frame.beside ? path(frame.beside, "oppnb-neutral oppnb-dashed") : null,
    path(frame.curve, "oppnb-main"),
  );
}

function target(told, x, upper, lower, { left, right }) {
  const at = x(told.at);
  const y = lower.bottom - (lower.bottom - lower.top) * told.chance;
  const half = textWidth(told.text, 12) / 2;
  const middle = Math.min(Math.max(at, left + half), right - half);
  return s(
    "g",
    { class: "oppnb-mark oppnb-target", "aria-hidden": "true" },
    s("line", { x1: at, x2: at, y1: upper.top - 4, y2: lower.bottom }),
    s("circle", { cx: at, cy: y, r: 4.5 }),
    s("text", { x: middle, y: upper.top - 9, "text-anchor": "middle" }, told.text),
  );
}

function legend(frame, t) {
  const one = (kind, text) => h("span", {}, h("i", { class: `oppnb-key oppnb-key-${kind}`, "aria-hidden": "true" }), text);
  const below = frame.target ? [one("main", t("below")), one("up", t("reaches"))] : [];
  const made = frame.beside ? [...below, one("dashed", t("as_is"))] : below;
  return h("p", { class: "oppnb-legend" }, made);
}

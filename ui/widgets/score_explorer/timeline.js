import { s } from "../shared/dom.js";
import { bottomAxis, cut, scale, textWidth } from "../shared/axes.js";

const LANE = 24;
const STAYS = 40;

// The history of a deal on a line. spec: {x, stays: [{from, to, label, text}], moves: [{at, kind, text}],
//   lanes: [label], dots: [{at, lane, kind: in|out, text}]}
export function timelineChart(spec, width, { t }) {
  const names = [t("lane_stage"), ...(spec.moves.length ? [t("lane_close")] : []), ...spec.lanes];
  const left = Math.min(Math.max(...names.map((name) => textWidth(name, 12))) + 14, width * 0.3);
  const moved = spec.moves.length ? LANE : 0;
  const bottom = STAYS + moved + spec.lanes.length * LANE + 4;
  const height = bottom + 24;
  const x = scale(spec.x, left, width - 12);
  const name = (text, y) => s("text", { x: left - 8, y: y + 4, "text-anchor": "end", class: "oppnb-tick-label" }, cut(text, left - 10, 11));
  const laneAt = (lane) => STAYS + moved + lane * LANE + LANE / 2;
  return s(
    "svg",
    { class: "oppnb-chart", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": t("history_chart") },
    bottomAxis(spec.x, x, { top: 0, bottom, left, right: width - 12 }),
    name(t("lane_stage"), 27),
    spec.stays.map((stay, index) => oneStay(stay, index, x)),
    moved ? name(t("lane_close"), STAYS + LANE / 2) : null,
    spec.moves.map((move) => arrow(move, x(move.at), STAYS + LANE / 2)),
    spec.lanes.map((label, lane) => [name(label, laneAt(lane)), s("line", { class: "oppnb-lane", x1: left, x2: width - 12, y1: laneAt(lane), y2: laneAt(lane) })]).flat(),
    spec.dots.map((dot) =>
      s("g", { class: `oppnb-event oppnb-${dot.kind === "in" ? "target" : "main"}` }, s("circle", { class: "oppnb-shape", cx: x(dot.at), cy: laneAt(dot.lane), r: 4.5 }), s("title", {}, dot.text)),
    ),
  );
}

function oneStay(stay, index, x) {
  const [from, to] = [x(stay.from), x(stay.to)];
  const room = to - from - 8;
  const label = room > 24 ? s("text", { x: from, y: 14 }, cut(stay.label, room, 12)) : null;
  return s(
    "g",
    { class: index % 2 ? "oppnb-stay oppnb-pale" : "oppnb-stay oppnb-main" },
    s("rect", { class: "oppnb-shape", x: from, y: 20, width: Math.max(to - from, 2), height: 13, rx: 2 }),
    label,
    s("title", {}, stay.text),
  );
}

// A push points to the right (later), a pull to the left.
function arrow(move, x, y) {
  const way = move.kind === "push" ? 1 : -1;
  const points = `${x - way * 5},${y - 6} ${x + way * 6},${y} ${x - way * 5},${y + 6}`;
  return s("g", { class: `oppnb-move oppnb-${move.kind === "push" ? "down" : "up"}` }, s("polygon", { class: "oppnb-shape", points }), s("title", {}, move.text));
}

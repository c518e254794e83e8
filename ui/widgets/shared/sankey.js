import { s } from "./dom.js";
import { choosable, cut } from "./axes.js";

const NODE = 12;
const GAP = 10;

// Flows between columns of nodes. spec: {nodes: [{key, label, text, column, kind}], links: [{from, to, value, label, kind}],
// chosen}; order within a column is the order given. options: {label, height?, onChoose(key of a node)?}.
export function sankeyChart(spec, width, { label, height = 340, onChoose } = {}) {
  const boxes = placed(spec, width, height);
  const links = flows(spec, boxes);
  return s(
    "svg",
    { class: "oppnb-chart", width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": label },
    links,
    spec.nodes.map((node) => oneNode(node, boxes.get(node.key), { spec, width, onChoose })),
  );
}

function placed(spec, width, height) {
  const total = (key, side) => spec.links.filter((link) => link[side] === key).reduce((sum, link) => sum + link.value, 0);
  const size = new Map(spec.nodes.map((node) => [node.key, Math.max(total(node.key, "from"), total(node.key, "to"))]));
  const columns = [...new Set(spec.nodes.map((node) => node.column))].sort((a, b) => a - b);
  const members = columns.map((column) => spec.nodes.filter((node) => node.column === column));
  const unit = Math.min(...members.map((nodes) => {
    const sum = nodes.reduce((all, node) => all + size.get(node.key), 0) || 1;
    return (height - GAP * (nodes.length + 1)) / sum;
  }));
  const boxes = new Map();
  members.forEach((nodes, at) => {
    let y = GAP;
    const x = columns.length < 2 ? 0 : (at / (columns.length - 1)) * (width - NODE - 2) + 1;
    for (const node of nodes) {
      const tall = Math.max(size.get(node.key) * unit, 2);
      boxes.set(node.key, { x, y, tall, unit, out: y, into: y, last: at === columns.length - 1, step: (width / columns.length) });
      y += tall + GAP;
    }
  });
  return boxes;
}

function flows(spec, boxes) {
  return spec.links.map((link) => {
    const [from, to] = [boxes.get(link.from), boxes.get(link.to)];
    const thick = Math.max(link.value * from.unit, 1);
    const [a, b] = [from.out + thick / 2, to.into + thick / 2];
    from.out += thick;
    to.into += thick;
    const [x0, x1] = [from.x + NODE, to.x];
    const middle = (x0 + x1) / 2;
    const faded = spec.chosen && spec.chosen !== link.from && spec.chosen !== link.to ? " oppnb-faded" : "";
    return s(
      "path",
      { class: `oppnb-flow oppnb-${link.kind ?? "main"}${faded}`, d: `M${x0},${a}C${middle},${a} ${middle},${b} ${x1},${b}`, "stroke-width": thick },
      s("title", {}, link.label),
    );
  });
}

function oneNode(node, box, { spec, onChoose }) {
  const name = node.text ? `${node.label} ${node.text}` : node.label;
  const isChosen = spec.chosen === node.key;
  const acts = onChoose
    ? { role: "button", tabindex: "0", "aria-pressed": String(isChosen), on: choosable(() => onChoose(node.key)) }
    : { role: "img" };
  const text = box.last ? { x: box.x - 6, "text-anchor": "end" } : { x: box.x + NODE + 6 };
  return s(
    "g",
    { class: `oppnb-node oppnb-${node.kind ?? "total"}${isChosen ? " oppnb-chosen" : ""}`, "aria-label": name, data: { focus: `node-${node.key}`, node: node.key }, ...acts },
    s("title", {}, name),
    s("rect", { class: "oppnb-shape", x: box.x, y: box.y, width: NODE, height: box.tall, rx: 2 }),
    s("text", { class: "oppnb-bar-label", y: box.y + Math.min(box.tall / 2 + 4, 14), ...text }, cut(name, box.step - 26, 12)),
  );
}

import { s } from "./dom.js";
import { choosable, cut, textWidth } from "./axes.js";

const NODE = 12;
const GAP = 10;
const NARROW = 96;
const LABEL = 18;
const WIDEST = 36;

// Flows between columns of nodes. spec: {nodes: [{key, label, text, column, kind}],
// links: [{from, to, value, label, kind, key?}], chosen, chosen_link?}; order within a column is the order given.
// options: {label, height?, onChoose(key of a node)?, onChooseLink(link)?}.
// Where the columns have no room for their labels, the flow runs from top to bottom.
export function sankeyChart(spec, width, { label, height = 340, onChoose, onChooseLink } = {}) {
  const columns = [...new Set(spec.nodes.map((node) => node.column))].sort((a, b) => a - b);
  const down = columns.length > 2 && width / columns.length < NARROW;
  const tall = down ? columns.length * 78 : height;
  const boxes = placed(spec, columns, down ? { along: tall - 34, across: width, down } : { along: width, across: tall, down });
  const links = flows(spec, boxes, { down, onChooseLink });
  return s(
    "svg",
    { class: "oppnb-chart", width, height: tall, viewBox: `0 0 ${width} ${tall}`, role: "group", "aria-label": label },
    links,
    spec.nodes.map((node) => oneNode(node, boxes.get(node.key), { spec, width, down, onChoose })),
  );
}

// `at` is where a node lies along the flow, `start` and `size` what it takes across it.
function placed(spec, columns, { along, across, down }) {
  const total = (key, side) => spec.links.filter((link) => link[side] === key).reduce((sum, link) => sum + link.value, 0);
  const size = new Map(spec.nodes.map((node) => [node.key, Math.max(total(node.key, "from"), total(node.key, "to"))]));
  const members = columns.map((column) => spec.nodes.filter((node) => node.column === column));
  const gap = down ? GAP * 2 : GAP + 4;
  const least = (node) => (down ? textWidth(`${node.label} ${node.text ?? ""}`, 13) + 4 : 2);
  let unit = Math.min(...members.map((nodes) => {
    const sum = nodes.reduce((all, node) => all + size.get(node.key), 0) || 1;
    return Math.min((across - gap * (nodes.length + 1)) / sum, WIDEST); // a few deals are no broad stream
  }));
  const taken = (nodes) => nodes.reduce((sum, node) => sum + Math.max(size.get(node.key) * unit, least(node)) + gap, 0);
  for (let tries = 0; down && tries < 20 && members.some((nodes) => taken(nodes) > across); tries += 1) unit *= 0.92;
  const boxes = new Map();
  members.forEach((nodes, place) => {
    let start = down ? 2 : GAP;
    const lead = down ? LABEL : 1;
    const at = columns.length < 2 ? lead : lead + (place / (columns.length - 1)) * (along - NODE - lead - 1);
    nodes.forEach((node) => {
      const thick = Math.max(size.get(node.key) * unit, 2);
      const room = down ? Math.max(across / nodes.length - 8, least(node)) : along / columns.length - 26;
      boxes.set(node.key, { at, start, size: thick, unit, out: start, into: start, last: place === columns.length - 1, room });
      start += Math.max(thick, down ? least(node) : 0) + gap;
    });
  });
  return boxes;
}

function flows(spec, boxes, { down, onChooseLink }) {
  const isAny = spec.chosen || spec.chosen_link;
  const made = spec.links.map((link) => {
    const [from, to] = [boxes.get(link.from), boxes.get(link.to)];
    const thick = Math.max(link.value * from.unit, 1);
    return { link, from, to, thick };
  });
  // what leaves a node lies in the order of where it goes, what reaches one in the order of the links
  const place = new Map(spec.nodes.map((node, index) => [node.key, index]));
  for (const one of [...made].sort((a, b) => place.get(a.link.to) - place.get(b.link.to))) {
    one.a = one.from.out + one.thick / 2;
    one.from.out += one.thick;
  }
  for (const one of made) {
    one.b = one.to.into + one.thick / 2;
    one.to.into += one.thick;
  }
  return made.map(({ link, from, to, thick, a, b }) => {
    const isChosen = link.key !== undefined && spec.chosen_link === link.key;
    const isOf = isChosen || (spec.chosen && (spec.chosen === link.from || spec.chosen === link.to));
    const state = isChosen ? " oppnb-chosen" : isAny && !isOf ? " oppnb-faded" : "";
    const acts = onChooseLink
      ? { role: "button", tabindex: "0", "aria-pressed": String(isChosen), "aria-label": link.label, on: choosable(() => onChooseLink(link)) }
      : {};
    return s(
      "path",
      {
        class: `oppnb-flow oppnb-${link.kind ?? "main"}${state}`,
        d: curve(from.at + NODE, a, to.at, b, down),
        "stroke-width": thick,
        data: { focus: `link-${link.key}`, link: link.key ?? "" },
        ...acts,
      },
      s("title", {}, link.label),
    );
  });
}

function curve(p0, a, p1, b, down) {
  const middle = (p0 + p1) / 2;
  const point = (along, across) => (down ? `${across},${along}` : `${along},${across}`);
  return `M${point(p0, a)}C${point(middle, a)} ${point(middle, b)} ${point(p1, b)}`;
}

function oneNode(node, box, { spec, width, down, onChoose }) {
  const name = node.text ? `${node.label} ${node.text}` : node.label;
  const isChosen = spec.chosen === node.key;
  const acts = onChoose
    ? { role: "button", tabindex: "0", "aria-pressed": String(isChosen), on: choosable(() => onChoose(node.key)) }
    : { role: "img" };
  const shown = cut(name, box.room, 12);
  const isLeft = box.last && !down;
  const text = down
    ? { x: Math.min(box.start, width - textWidth(shown, 13) - 2), y: box.at - 5 }
    : { x: isLeft ? box.at - 6 : box.at + NODE + 6, y: box.start + Math.min(box.size / 2 + 4, 14), "text-anchor": isLeft ? "end" : "start" };
  const wide = textWidth(shown, 13) + 6;
  const hit = { x: isLeft ? text.x - wide + 3 : text.x - 3, y: text.y - 15, width: wide, height: 21, rx: 4 };
  const shape = down
    ? { x: box.start, y: box.at, width: box.size, height: NODE }
    : { x: box.at, y: box.start, width: NODE, height: box.size };
  return s(
    "g",
    { class: `oppnb-node oppnb-${node.kind ?? "total"}${isChosen ? " oppnb-chosen" : ""}`, "aria-label": name, data: { focus: `node-${node.key}`, node: node.key }, ...acts },
    s("title", {}, name),
    onChoose ? s("rect", { class: "oppnb-hit", ...hit }) : null,
    s("rect", { class: "oppnb-shape", ...shape, rx: 2 }),
    s("text", { class: "oppnb-bar-label", ...text }, shown),
  );
}

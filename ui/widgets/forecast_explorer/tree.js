import { h } from "../shared/dom.js";

// The roll-up as a tree grid: one row has the focus; Right unfolds, Left folds, Enter looks at the part.
export function makeTree({ t, ask }) {
  const note = h("p", { class: "oppnb-quiet" }, t("tree_note"));
  const head = h("thead", {});
  const body = h("tbody", {});
  const grid = h("table", { role: "treegrid", "aria-label": t("tree") }, head, body);
  const more = h("p", { class: "oppnb-quiet" });
  let rows = [];
  let active = 0;

  const unfold = (row, open) => ask("unfold", { node: row.node, is_open: open });
  const focus = (at) => {
    active = Math.max(0, Math.min(at, rows.length - 1));
    [...body.rows].forEach((element, index) => {
      element.tabIndex = index === active ? 0 : -1;
    });
    body.rows[active]?.focus();
  };
  const parentOf = (at) => {
    for (let up = at - 1; up >= 0; up -= 1) if (rows[up].depth < rows[at].depth) return up;
    return at;
  };
  const keys = {
    ArrowDown: () => focus(active + 1),
    ArrowUp: () => focus(active - 1),
    Home: () => focus(0),
    End: () => focus(rows.length - 1),
    ArrowRight: (row) => (row.open === false ? unfold(row, true) : focus(active + (row.open ? 1 : 0))),
    ArrowLeft: (row) => (row.open ? unfold(row, false) : focus(parentOf(active))),
    Enter: (row) => ask("choose_node", { node: row.node }),
    " ": (row) => ask("choose_node", { node: row.node }),
  };
  body.addEventListener("keydown", (event) => {
    if (!(event.key in keys) || event.target.tagName !== "TR") return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key](rows[active]);
  });

  const line = (row, at, chosen) => {
    const twist = h("button", { type: "button", class: "oppnb-twist", tabindex: "-1" }, row.open ? "▾" : "▸");
    twist.setAttribute("aria-label", t(row.open ? "fold" : "unfold", { node: row.label }));
    twist.addEventListener("click", (event) => {
      event.stopPropagation();
      active = at;
      unfold(row, !row.open);
    });
    const space = h("span", { class: "oppnb-twist", "aria-hidden": "true" });
    const name = h("th", { scope: "row", role: "rowheader" }, row.open === null ? space : twist, row.label);
    name.style.paddingInlineStart = `${row.depth * 18 + 4}px`;
    const props = { role: "row", "aria-level": row.depth + 1, "aria-selected": String(row.node === chosen) };
    if (row.open !== null) props["aria-expanded"] = String(row.open);
    const element = h("tr", { ...props, data: { node: row.node } }, name, row.cells.map((text) => h("td", { role: "gridcell" }, text)));
    element.tabIndex = at === active ? 0 : -1;
    element.addEventListener("click", () => {
      active = at;
      ask("choose_node", { node: row.node });
    });
    return element;
  };
  return {
    element: h("div", {}, note, h("div", { class: "oppnb-plain oppnb-tree" }, grid), more),
    draw(spec) {
      const had = body.contains(document.activeElement);
      const key = rows[active]?.node;
      rows = spec.rows;
      active = Math.max(0, rows.findIndex((row) => row.node === key));
      head.replaceChildren(h("tr", { role: "row" }, spec.columns.map((name) => h("th", { scope: "col", role: "columnheader" }, name))));
      body.replaceChildren(...rows.map((row, at) => line(row, at, spec.chosen)));
      if (had) focus(active);
      more.textContent = spec.more;
    },
  };
}

import { h } from "../shared/dom.js";

// A part of the panel with its heading.
export function card(title, ...children) {
  return h("section", { class: "oppnb-card" }, h("h4", {}, title), ...children);
}

// A small table that is sent whole; the first cell of a row names it. rows: [{kind?, cells}] or [cells].
export function smallTable(headers, rows, { numbers = [], label } = {}) {
  const side = (at) => (numbers.includes(at) ? "oppnb-number" : null);
  const head = h("tr", {}, headers.map((text, at) => h("th", { scope: "col", class: side(at) }, text)));
  const made = rows.map((row) => {
    const cells = row.cells ?? row;
    const name = h("th", { scope: "row" }, row.kind ? h("span", { class: `oppnb-swatch oppnb-${row.kind}`, "aria-hidden": "true" }) : null, cells[0]);
    return h("tr", { class: row.is_chosen ? "oppnb-strong" : null }, name, cells.slice(1).map((text, at) => h("td", { class: side(at + 1) }, text)));
  });
  const table = h("table", { class: headers.length > 4 ? "oppnb-small oppnb-five" : "oppnb-small", "aria-label": label }, h("thead", {}, head), h("tbody", {}, made));
  return h("div", { class: "oppnb-wide", tabindex: "0", role: "group", "aria-label": label }, table);
}

// Colours and what they mean; parts are {kind, label, dashed?}.
export function legend(parts) {
  const made = parts.map((one) =>
    h("span", {}, h("span", { class: `oppnb-swatch oppnb-${one.kind}${one.dashed ? " oppnb-hollow" : ""}`, "aria-hidden": "true" }), one.label),
  );
  return h("p", { class: "oppnb-legend" }, made);
}

// A label with a value in large and a note below.
export function figure({ label, text, note }) {
  return h("div", { class: "oppnb-figure" }, h("dt", {}, label), h("dd", {}, text, note ? h("small", {}, note) : null));
}

import { h } from "../shared/dom.js";

// A small table as Python wrote it: {columns, rows: [{key, cells, assumed}], texts?: places of columns of text}.
// The first column names the row; what a row assumes stands below it. `act(row)`: an element for what can be done with a row.
export function plainTable({ columns, rows, texts = [] }, label, act = null) {
  const kind = (at) => (texts.includes(at) ? "oppnb-text" : null);
  const head = h("tr", {}, columns.map((name, at) => h("th", { scope: "col", class: kind(at) }, name)), act ? h("td", {}) : null);
  const body = rows.flatMap((row) => {
    const cells = row.cells.map((text, at) => h(at ? "td" : "th", { scope: at ? null : "row", class: kind(at) }, text));
    const props = { data: { key: row.key }, class: row.assumed.length ? "oppnb-before" : null };
    const below = row.assumed.map((one) => h("div", {}, one));
    const more = h("tr", {}, h("td", { colspan: columns.length + (act ? 1 : 0), class: "oppnb-assumption" }, below));
    return [h("tr", props, cells, act ? h("td", {}, act(row)) : null), row.assumed.length ? more : null];
  });
  const table = h("table", { "aria-label": label }, h("thead", {}, head), h("tbody", {}, body.filter(Boolean)));
  return h("div", { class: "oppnb-plain", tabindex: "0", role: "region", "aria-label": label }, table);
}

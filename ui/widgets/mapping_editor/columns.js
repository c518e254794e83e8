import { h, uid } from "../shared/dom.js";
import { choice } from "../shared/controls.js";

// The canonical columns, each with the header that fills it; beside them every header of the file.
export function drawColumns(state, t, ask) {
  if (!state.columns.length) return [];
  const heading = (words) => h("h4", {}, words);
  const rows = state.columns.map((column) => oneColumn(column, state.options, t, ask));
  const headers = state.headers.map((one) => oneHeader(one, t));
  const named = t("headers", { file: state.file_shown });
  const list = h("ul", { class: "oppnb-entries", "aria-label": named }, headers);
  const region = h("div", { role: "region", tabindex: "0", class: "oppnb-list-box", "aria-label": named, data: { focus: "headers" } }, list);
  return [
    h("div", {}, heading(t("columns")), h("div", { class: "oppnb-list-box" }, h("ul", { class: "oppnb-entries", "aria-label": t("columns") }, rows))),
    headers.length ? h("div", {}, heading(named), region) : null,
  ];
}

function oneColumn(column, options, t, ask) {
  const kept = column.value === "@kept" ? [{ key: "@kept", label: column.told || t("as_set") }] : [];
  const control = choice({
    options: [{ key: "", label: t("nothing") }, ...kept, ...options],
    value: column.value,
    focus: `column-${column.key}`,
    onChange: (header) => ask("choose_header", { column: column.key, header: header || null }),
  });
  control.id = uid("column");
  const clear = () => ask("choose_header", { column: column.key, header: null });
  const button = h("button", {
    type: "button",
    class: "oppnb-press oppnb-clear",
    "aria-label": t("clear", { column: column.label }),
    title: t("clear", { column: column.label }),
    data: { focus: `clear-${column.key}` },
    on: { click: clear },
  }, "×");
  const more = [column.told && column.value !== "@kept" ? column.told : "", column.reason].filter(Boolean).join(" · ");
  const classes = ["oppnb-entry", column.value ? "oppnb-filled" : "", column.is_missing ? "oppnb-missing" : ""].join(" ");
  return h("li", { class: classes, data: { column: column.key } },
    h("div", { class: "oppnb-name" },
      h("label", { for: control.id }, column.label, column.needed ? h("span", { class: "oppnb-needed" }, ` ${column.needed}`) : null),
      h("span", { class: "oppnb-quiet" }, column.meaning)),
    h("div", { class: "oppnb-pick-header" }, control, column.value ? button : null),
    column.value ? h("div", { class: "oppnb-quiet oppnb-why" },
      more ? h("span", {}, more) : null,
      column.samples ? h("span", { class: "oppnb-samples" }, `${t("samples")}: ${column.samples}`) : null) : null);
}

function oneHeader(one, t) {
  const facts = [one.kind, one.filled, one.samples].filter(Boolean).join(" · ");
  const fills = one.fills ? t("fills", { columns: one.fills }) : t("fills_nothing");
  return h("li", { class: one.fills ? "oppnb-top" : "oppnb-top oppnb-idle", data: { header: one.header } },
    h("strong", {}, one.header), h("span", { class: "oppnb-quiet" }, facts), h("span", {}, fills));
}

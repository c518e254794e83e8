import { h, measured, refill } from "./shared/dom.js";
import { barsChart } from "./shared/bars.js";
import { choice, dayInput, field } from "./shared/controls.js";
import { makeTable } from "./shared/table.js";
import { mountWidget } from "./shared/shell.js";

const TRAITS = ["texts", "locale", "state", "busy", "progress", "can_cancel", "error"];
const COMMANDS = ["cancel", "choose_bar", "choose_days", "choose_deals_of_table", "choose_period", "choose_slice",
  "dismiss_error", "filter_rows", "read_rows", "show_all", "sort_rows"];

export function render({ model, el }) {
  return mountWidget({ model, el }, { name: "bridge", traits: TRAITS, commands: COMMANDS, build });
}

function build(view) {
  const { t, ask } = view;
  const controls = h("div", { class: "oppnb-controls" });
  const title = h("h3", {});
  const days = h("p", { class: "oppnb-quiet" });
  const following = h("div", { class: "oppnb-following", hidden: true });
  const heading = h("h4", {});
  const notes = h("div", { class: "oppnb-notes" });
  let chart = null;
  let told = null;
  const choose = (bar) => ask("choose_bar", { bar });
  const drawn = measured((width) => barsChart(chart, width, { label: t("bars"), onChoose: choose }));
  const pick = (key) => ask("choose_deals_of_table", { opportunity_ids: table.picked === key ? [] : [key] });
  const table = makeTable({ t, ask, label: t("deals"), onChoose: pick });
  view.body.append(title, days, controls, following, drawn.element, heading, table.element, notes);

  const draw = (state) => {
    chart = state.chart;
    title.textContent = chart.title;
    days.textContent = state.days;
    refill(controls, question(state.question, t, ask));
    drawFollowing(following, state.following, t, ask);
    drawn.redraw();
    const bar = chart.bars.find((one) => one.key === chart.chosen);
    heading.textContent = bar ? t("deals_of", { bar: bar.label }) : t("deals");
    table.picked = state.picked[0] ?? null;
    table.update(state.table, { label: heading.textContent, picked: state.picked });
    refill(notes, state.notes.length ? noted(state.notes, t) : null);
    const words = bar ? t("chosen", { bar: bar.label, text: bar.text, note: bar.note }) : chart.title;
    if (told !== null && told !== words) view.say(words);
    told = words;
  };
  return { draw, stop: drawn.stop };
}

function question(asked, t, ask) {
  const day = (which, others) =>
    dayInput({
      value: asked[which],
      min: asked.first,
      max: asked.last,
      focus: which,
      onChange: (value) => ask("choose_days", { ...others, [which]: value }),
    });
  const both = { start: asked.start, end: asked.end };
  const columns = [{ key: "", label: t("every_deal") }, ...asked.columns];
  const slices = choice({
    options: columns,
    value: asked.column,
    focus: "column",
    onChange: (column) => ask("choose_slice", { column, value: "" }),
  });
  const values = choice({
    options: [{ key: "", label: t("every_deal") }, ...asked.values],
    value: asked.value,
    focus: "value",
    onChange: (value) => ask("choose_slice", { column: asked.column, value }),
  });
  const periods = choice({
    options: asked.periods,
    value: asked.period,
    focus: "period",
    onChange: (period) => ask("choose_period", { period }),
  });
  return [
    field(t("start"), day("start", both)),
    field(t("end"), day("end", both)),
    field(t("period"), periods),
    field(t("slice"), slices),
    asked.column ? field(t("value"), values) : null,
  ];
}

function drawFollowing(box, told, t, ask) {
  box.hidden = !told;
  if (!told) return box.replaceChildren();
  const words = told.label ? t("following", told) : t("following_plain", told);
  const all = h("button", { type: "button", class: "oppnb-button", on: { click: () => ask("show_all") } }, t("show_all"));
  return box.replaceChildren(h("span", {}, words), all);
}

function noted(notes, t) {
  return h("details", {}, h("summary", {}, t("notes")), h("ul", {}, notes.map((note) => h("li", {}, note))));
}

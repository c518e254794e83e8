import { h, measured, refill } from "./shared/dom.js";
import { makeFollowing, noted } from "./shared/beside.js";
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
  const following = makeFollowing(view);
  const heading = h("h4", {});
  const notes = h("div", { class: "oppnb-notes" });
  let chart = null;
  const choose = (bar) => ask("choose_bar", { bar });
  const drawn = measured((width) => barsChart(chart, width, { label: t("bars"), onChoose: choose }));
  const pick = (key) => ask("choose_deals_of_table", { opportunity_ids: table.picked === key ? [] : [key] });
  const table = makeTable({ t, ask, label: t("deals"), onChoose: pick });
  view.body.append(title, days, controls, following.element, drawn.element, heading, table.element, notes);

  const draw = (state) => {
    chart = state.chart;
    title.textContent = chart.title;
    days.textContent = state.days;
    refill(controls, question(state.question, t, ask));
    following.draw(state.following);
    drawn.redraw();
    const bar = chart.bars.find((one) => one.key === chart.chosen);
    heading.textContent = bar ? t("deals_of", { bar: bar.label }) : t("deals");
    table.picked = state.picked[0] ?? null;
    table.update(state.table, { label: heading.textContent, picked: state.picked });
    refill(notes, noted(state.notes, t));
    const words = bar ? t("chosen", { bar: bar.label, text: bar.text, note: bar.note }) : chart.title;
    view.sayIfNew(words);
  };
  return { draw, stop: drawn.stop };
}

function question(asked, t, ask) {
  const day = (which) =>
    dayInput({
      value: asked[which],
      min: asked.first,
      max: asked.last,
      focus: which,
      wrong: asked.outside,
      onChange: (value) => ask("choose_days", { [which]: value }),
    });
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
    field(t("start"), day("start")),
    field(t("end"), day("end")),
    field(t("period"), periods),
    field(t("slice"), slices),
    asked.column ? field(t("value"), values) : null,
  ];
}

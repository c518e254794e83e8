import { h, measured, refill } from "./shared/dom.js";
import { makeFollowing } from "./shared/beside.js";
import { barsChart } from "./shared/bars.js";
import { choice, field } from "./shared/controls.js";
import { intervalsChart } from "./shared/intervals.js";
import { makeTable } from "./shared/table.js";
import { mountWidget } from "./shared/shell.js";
import { sankeyChart } from "./shared/sankey.js";

const TRAITS = ["texts", "locale", "state", "busy", "progress", "can_cancel", "error"];
const COMMANDS = ["cancel", "choose_by", "choose_deals_of_table", "choose_flow", "choose_process", "choose_stage",
  "choose_value", "choose_view", "dismiss_error", "filter_rows", "read_rows", "show_all", "sort_rows"];

export function render({ model, el }) {
  return mountWidget({ model, el }, { name: "funnel", traits: TRAITS, commands: COMMANDS, build });
}

function build(view) {
  const { t, ask } = view;
  const title = h("h3", {});
  const about = h("p", { class: "oppnb-quiet" });
  const controls = h("div", { class: "oppnb-controls" });
  const following = makeFollowing(view);
  const found = h("div", { class: "oppnb-found" });
  const boxes = h("div", { class: "oppnb-charts" });
  const heading = h("h4", {});
  let state = null;
  const flow = measured((width) => sankeyChart(state.flow, width, {
    label: t("flow_label"),
    height: 300,
    onChoose: (key) => chooseNode(state, key, ask),
    onChooseLink: (link) => ask("choose_flow", { origin: link.origin, target: link.target }),
  }));
  const charts = chartBoxes(boxes, t, (stage) => stage && ask("choose_stage", { stage }));
  const slices = slicesBox(t, ask);
  const pick = (key) => ask("choose_deals_of_table", { opportunity_ids: table.picked === key ? [] : [key] });
  const table = makeTable({ t, ask, label: t("deals"), onChoose: pick });
  view.body.append(title, about, controls, following.element, h("h4", {}, t("flow_title")), flow.element, found, boxes,
    slices.element, heading, table.element);

  const draw = (next) => {
    state = next;
    title.textContent = state.found.title;
    about.textContent = state.about;
    refill(controls, question(state.question, t, ask));
    following.draw(state.following);
    flow.redraw();
    refill(found, sentences(state.found, t));
    charts.draw(state.charts);
    slices.draw(state.by);
    heading.textContent = state.chosen ? t("deals_of", { chosen: state.chosen }) : t("deals");
    table.picked = state.picked[0] ?? null;
    table.update(state.table, { label: heading.textContent, picked: state.picked });
    const words = state.chosen ? heading.textContent : state.found.title;
    view.sayIfNew(words);
  };
  return { draw, stop: () => [flow, charts, slices].forEach((one) => one.stop()) };
}

// A node of a stage chooses the stage; any other chooses what goes into it or comes out of it.
function chooseNode(state, key, ask) {
  const name = key.slice(1) || null;
  if (name === null) return;
  const isLeft = key[0] === "a";
  if (!isLeft && !name.startsWith("@")) ask("choose_stage", { stage: name });
  else ask("choose_flow", isLeft ? { origin: name, target: null } : { origin: null, target: name });
}

function question(asked, t, ask) {
  const select = (options, value, focus, onChange) => choice({ options, value, focus, onChange });
  const columns = [{ key: "", label: t("nothing") }, ...asked.columns];
  const values = [{ key: "", label: t("every_deal") }, ...asked.values];
  const processes = select(asked.processes, asked.process, "process", (process) => ask("choose_process", { process }));
  return [
    asked.processes.length > 1 ? field(t("process"), processes) : null,
    field(t("view"), select(asked.views, asked.view, "view", (view) => ask("choose_view", { view }))),
    field(t("by"), select(columns, asked.by, "by", (by) => ask("choose_by", { by }))),
    asked.by ? field(t("value"), select(values, asked.value, "value", (value) => ask("choose_value", { value }))) : null,
  ];
}

function sentences({ leaks, others }, t) {
  const list = (said) => h("ul", {}, said.map((one) => h("li", {}, one)));
  const summary = () => h("summary", { data: { focus: "others" } }, t("others", { n: others.length }));
  return [
    h("h4", {}, t("found")),
    leaks.length ? list(leaks) : h("p", {}, t("nothing_found")),
    others.length ? h("details", {}, summary(), list(others)) : null,
  ];
}

// One chart each, side by side where there is room; kept, so that a chosen row keeps the focus.
function chartBoxes(box, t, choose) {
  const kept = [];
  const drawn = (place) => measured((width) => {
    const { kind, spec, title } = kept[place].said;
    return (kind === "bars" ? barsChart : intervalsChart)(spec, width, { label: title, onChoose: choose });
  });
  const make = (place) => {
    const [head, quiet] = [h("h4", {}), h("p", { class: "oppnb-quiet" })];
    const chart = drawn(place);
    box.append(h("div", { class: "oppnb-one-chart" }, head, quiet, chart.element));
    return { head, quiet, chart, said: null };
  };
  const draw = (charts) => charts.forEach((said, place) => {
    if (!kept[place]) kept[place] = make(place);
    const { head, quiet, chart } = kept[place];
    kept[place].said = said;
    head.textContent = said.title;
    const marked = said.kind === "intervals" && said.spec.rows.some((row) => row.reference !== null);
    refill(quiet, [document.createTextNode(said.about), marked ? h("span", { class: "oppnb-legend" }, `◇ ${said.reference}`) : null]);
    chart.redraw();
  });
  return { draw, stop: () => kept.forEach((one) => one.chart.stop()) };
}

function slicesBox(t, ask) {
  const heading = h("h4", {});
  const choose = (value) => value && ask("choose_value", { value });
  let said = null;
  const chart = measured((width) => {
    const draw = said.kind === "bars" ? barsChart : intervalsChart;
    return draw(said.spec, width, { label: heading.textContent, onChoose: choose });
  });
  const table = makeTable({ t, ask, label: t("slices"), onChoose: choose, height: 300 });
  const element = h("div", { class: "oppnb-slices", hidden: true }, heading, h("div", { class: "oppnb-beside" }, chart.element, table.element));
  const draw = (state) => {
    element.hidden = !state;
    if (!state) return;
    said = state;
    heading.textContent = state.title;
    chart.redraw();
    table.update(state.table, { label: state.title, picked: state.spec.chosen ? [state.spec.chosen] : [] });
  };
  return { element, draw, stop: chart.stop };
}

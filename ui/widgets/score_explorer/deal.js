import { h, measured, refill } from "../shared/dom.js";
import { barsChart } from "../shared/bars.js";
import { linesChart } from "../shared/lines.js";
import { card, figure, legend, smallTable } from "./parts.js";
import { powerMap } from "./power_map.js";
import { timelineChart } from "./timeline.js";

// One open deal: head, reasons, curve, what-if, history, similar deals, people, evidence. {element, draw(deal), stop}
export function dealPanel(view) {
  const { t, ask } = view;
  let deal = null;
  const charts = [];
  const drawn = (make) => {
    const one = measured(make);
    charts.push(one);
    return one;
  };
  const head = h("div", { class: "oppnb-top" });
  const why = drawn((width) => (deal ? barsChart(deal.why, width, { label: t("why_chart"), above: true }) : null));
  const curve = drawn((width) => (deal?.curve ? linesChart(deal.curve, width, { label: t("when_chart"), height: 230 }) : null));
  const history = drawn((width) => (line(deal) ? timelineChart(line(deal), width, { t }) : null));
  const people = drawn((width) => (deal?.people.chart ? powerMap(deal.people.chart, width, { label: t("people_chart") }) : null));
  const boxes = Object.fromEntries(
    ["compared", "whyNote", "curveText", "tried", "historyText", "similar", "peopleText", "evidence"].map((key) => [key, h("div", {})]),
  );
  const grid = h(
    "div",
    { class: "oppnb-cards" },
    card(t("why_title"), boxes.compared, why.element, boxes.whyNote),
    card(t("if_title"), boxes.tried),
    card(t("when_title"), curve.element, boxes.curveText),
    card(t("history_title"), history.element, boxes.historyText),
    card(t("similar_title"), boxes.similar),
    card(t("people_title"), people.element, boxes.peopleText),
    card(t("evidence_title"), boxes.evidence),
  );
  const hint = h("p", { class: "oppnb-quiet" }, t("choose"));
  const panel = h("div", { class: "oppnb-deal", hidden: true }, head, grid);
  const element = h("div", {}, hint, panel);

  const draw = (now) => {
    deal = now;
    hint.hidden = Boolean(deal);
    panel.hidden = !deal;
    if (!deal) return;
    refill(head, headOf(deal.head, t, ask));
    boxes.compared.replaceChildren(quiet(deal.why.compared));
    boxes.whyNote.replaceChildren(quiet(deal.why.note));
    refill(boxes.curveText, curveText(deal.curve, t));
    refill(boxes.tried, tried(deal.more, view));
    refill(boxes.historyText, historyText(deal.more, view));
    refill(boxes.similar, similar(deal.more, view));
    refill(boxes.peopleText, peopleText(deal.people, t));
    refill(boxes.evidence, evidence(deal.evidence, t));
    charts.forEach((one) => one.redraw());
  };
  view.on("busy", () => draw(deal));
  return { element, draw, stop: () => charts.forEach((one) => one.stop()) };
}

const line = (deal) => deal?.more?.timeline.chart;
const quiet = (text) => (text ? h("p", { class: "oppnb-quiet" }, text) : null);

function headOf(head, t, ask) {
  const close = h("button", { type: "button", class: "oppnb-press", data: { focus: "close" }, on: { click: () => ask("choose_deal", { deal: null }) } }, t("close"));
  const facts = head.facts.map((one) => h("div", {}, h("dt", {}, one.label), h("dd", {}, one.text)));
  const figures = [
    { ...head.scores[0], note: head.range.text },
    ...head.scores.slice(1),
    { label: t("column_grade"), text: head.grade },
    { label: t("column_change"), text: head.trend, note: head.change },
  ];
  return [
    h("div", { class: "oppnb-headline" }, h("h3", {}, head.name), close),
    h("dl", { class: "oppnb-facts" }, facts),
    h("dl", { class: "oppnb-values" }, figures.map(figure)),
    h("p", {}, head.chance_words),
    quiet(head.scores[0].note),
    head.alerts ? h("p", { class: "oppnb-alert" }, head.alerts) : null,
  ];
}

function curveText(curve, t) {
  if (!curve) return quiet(t("no_dates"));
  const headers = ["when_day", "when_won", "when_lost", "when_open"].map((key) => t(key));
  return [legend(curve.lines), smallTable(headers, curve.told, { numbers: [1, 2, 3], label: t("when_chart") })];
}

// What has still to be worked out: said while it is, and offered again if it was stopped.
function pending(view) {
  if (view.get("busy")) return quiet(view.t("working"));
  const again = h("button", { type: "button", class: "oppnb-press", on: { click: () => view.ask("work_again") } }, view.t("work_again"));
  return h("p", {}, again);
}

function tried(more, view) {
  if (!more?.what_if) return pending(view);
  const found = more.what_if;
  if (!found.actions.length) return quiet(found.note);
  const chosen = new Set(found.actions.filter((one) => one.is_chosen).map((one) => one.key));
  const change = (key, is) => {
    if (is) chosen.add(key);
    else chosen.delete(key);
    view.ask("choose_what_if", { actions: [...chosen] });
  };
  const boxes = found.actions.map((one) => {
    const box = h("input", { type: "checkbox", data: { focus: `if-${one.key}`, action: one.key }, checked: one.is_chosen, on: { change: () => change(one.key, box.checked) } });
    return h("li", {}, h("label", {}, box, h("span", {}, one.label), h("span", { class: "oppnb-alone" }, one.text)));
  });
  const width = (share) => `width:${Math.max(0, Math.min(100, 100 * share))}%`;
  const meter = h(
    "div",
    { class: "oppnb-meter", "aria-hidden": "true" },
    h("span", { class: "oppnb-after", style: width(found.result.after) }),
    h("span", { class: "oppnb-before", style: width(found.result.before) }),
  );
  return [h("ul", { class: "oppnb-actions" }, boxes), meter, h("p", { class: "oppnb-result", role: "status" }, found.result.text), quiet(found.note)];
}

function historyText(more, view) {
  if (!more) return pending(view);
  const { note, told, chart } = more.timeline;
  const { t } = view;
  const marks = chart?.moves.length ? [{ kind: "down", label: t("push") }, { kind: "up", label: t("pull") }] : [];
  const dots = chart?.dots.length ? [{ kind: "main", label: t("from_us") }, { kind: "target", label: t("from_customer") }] : [];
  return [
    marks.length || dots.length ? legend([...marks, ...dots]) : null,
    quiet(note),
    told.length ? h("details", {}, h("summary", {}, t("history_list")), h("ul", {}, told.map((text) => h("li", {}, text)))) : null,
  ];
}

function similar(more, view) {
  if (!more) return pending(view);
  const { t } = view;
  const { note, rows } = more.similar;
  const headers = ["similar_deal", "similar_end", "similar_stage", "similar_amount", "similar_then"].map((key) => t(key));
  const made = rows.map((row) => ({ kind: row.end === "won" ? "up" : "down", cells: row.cells }));
  return [quiet(note), rows.length ? smallTable(headers, made, { numbers: [3, 4], label: t("similar_title") }) : null];
}

function peopleText(people, t) {
  const headers = ["people_role", "people_influence", "people_stance", "people_id"].map((key) => t(key));
  return [quiet(people.note), people.rows.length ? smallTable(headers, people.rows, { numbers: [1], label: t("people_title") }) : null];
}

function evidence(found, t) {
  const headers = ["evidence_element", "evidence_state", "evidence_day", "evidence_asked"].map((key) => t(key));
  return [quiet(found.note), found.rows.length ? smallTable(headers, found.rows, { label: t("evidence_title") }) : null];
}

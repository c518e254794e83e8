import { h, refill } from "./shared/dom.js";
import { makeFollowing, noted } from "./shared/beside.js";
import { tabs } from "./shared/controls.js";
import { makeTable } from "./shared/table.js";
import { mountWidget } from "./shared/shell.js";
import { dealPanel } from "./score_explorer/deal.js";
import { cardPanel, reliabilityPanel } from "./score_explorer/model.js";

const TRAITS = ["texts", "locale", "state", "busy", "progress", "can_cancel", "error"];
const COMMANDS = ["cancel", "choose_deal", "choose_tab", "choose_what_if", "clear_filters", "dismiss_error", "filter_rows",
  "read_rows", "show_all", "sort_rows", "work_again"];

export function render({ model, el }) {
  return mountWidget({ model, el }, { name: "scores", traits: TRAITS, commands: COMMANDS, build });
}

function build(view) {
  const { t, ask, body } = view;
  const title = h("h3", {});
  const facts = h("p", { class: "oppnb-quiet" });
  const warnings = h("div", { class: "oppnb-warnings" });
  const notes = h("div", { class: "oppnb-notes" });
  const panels = { deals: dealsPanel(view), reliability: reliabilityPanel(view), card: cardPanel(view) };
  const all = Object.keys(panels).map((key) => ({ key, label: t(`tab_${key}`), panel: () => panels[key].element }));
  const main = h("div", {});
  body.append(title, facts, warnings, main, notes);
  let shown = null;

  const draw = (state) => {
    title.textContent = state.header.title;
    facts.textContent = state.table || view.get("busy") ? state.header.facts : "";
    warnings.replaceChildren(...state.header.warnings.map((words) => h("p", {}, words)));
    refill(notes, noted(state.notes, t));
    if (!state.table) {
      main.replaceChildren(view.get("busy") ? "" : again(t, ask));
      return;
    }
    for (const panel of Object.values(panels)) panel.draw(state);
    if (shown === state.tab) return;
    const made = tabs({ label: t("tabs"), tabs: all, chosen: state.tab, onChoose: (tab) => tell(tab) });
    const tell = (tab) => {
      shown = tab;
      ask("choose_tab", { tab });
    };
    shown = state.tab;
    main.replaceChildren(made.element);
  };
  view.on("busy", () => draw(view.get("state")));
  return { draw, stop: () => Object.values(panels).forEach((panel) => panel.stop?.()) };
}

function again(t, ask) {
  const button = h("button", { type: "button", class: "oppnb-press", on: { click: () => ask("work_again") } }, t("work_again"));
  return h("p", {}, t("stopped"), " ", button);
}

function dealsPanel(view) {
  const { t, ask } = view;
  const following = makeFollowing(view);
  const clear = h("button", { type: "button", class: "oppnb-press", on: { click: () => ask("clear_filters") } }, t("clear"));
  const tools = h("div", { class: "oppnb-tools", hidden: true }, clear);
  const table = makeTable({ t, ask, label: t("deals"), onChoose: (deal) => ask("choose_deal", { deal }), height: 400 });
  const panel = dealPanel(view);
  let before = null;

  const draw = (state) => {
    following.draw(state.following);
    tools.hidden = !state.is_narrowed;
    const now = JSON.stringify([state.table.stamp, state.picked]);
    if (now !== before) table.update(state.table, { picked: state.picked });
    before = now;
    panel.draw(state.deal);
    const head = state.deal?.head;
    const words = head ? t("opened", head) : t("shown", { n: state.table.n.toLocaleString("en") });
    view.sayIfNew(words);
  };
  const element = h("div", {}, following.element, tools, table.element, panel.element);
  return { element, draw, stop: panel.stop };
}

import { h, measured, refill } from "./shared/dom.js";
import { makeFollowing, noted } from "./shared/beside.js";
import { choice, field, tabs } from "./shared/controls.js";
import { mountWidget } from "./shared/shell.js";
import { amountScale, distributionChart } from "./forecast_explorer/distribution.js";
import { makeLevers } from "./forecast_explorer/levers.js";
import { makeMoves } from "./forecast_explorer/moves.js";
import { makePanel } from "./forecast_explorer/panels.js";
import { makeTarget } from "./forecast_explorer/target.js";

const TRAITS = ["texts", "locale", "state", "busy", "progress", "can_cancel", "error"];
const COMMANDS = ["add_override", "cancel", "choose_deals_of_table", "choose_node", "choose_period", "choose_segment",
  "choose_steps", "choose_tab", "dismiss_error", "drop_change", "filter_rows", "move_lever", "move_target",
  "read_rows", "reset_scenario", "rest", "save_scenario_as", "show_all", "sort_rows", "type_target", "unfold",
  "use_scenario", "withdraw_override"];
const TABS = ["changed", "tree", "deals", "overrides", "compare", "past"];

export function render({ model, el }) {
  return mountWidget({ model, el }, { name: "forecast", traits: TRAITS, commands: COMMANDS, build });
}

function build(view) {
  const { t, ask } = view;
  const title = h("h3", {});
  const day = h("p", { class: "oppnb-quiet" });
  const controls = h("div", { class: "oppnb-controls" });
  const following = makeFollowing(view);
  const facts = h("div", { class: "oppnb-facts", role: "list" });
  const notes = h("div", { class: "oppnb-notes" });
  let frame = null;
  let target = null;
  const drawn = measured((width) => {
    target?.align(amountScale(frame, width));
    return distributionChart(frame, width, t);
  });
  const show = (next) => {
    frame = next;
    title.textContent = next.title;
    drawFacts(facts, next.facts);
    drawn.redraw();
  };
  const moves = makeMoves({ ask, show, rested: () => view.say(title.textContent) });
  target = makeTarget({ t, ask, moves });
  const levers = makeLevers({ t, ask, moves, say: view.say });
  const panel = makePanel({ t, ask, say: view.say });
  let chosen = null;
  const pages = tabs({
    label: t("tabs"),
    tabs: TABS.map((key) => ({ key, label: t(`tab_${key}`), panel: () => panel.element })),
    chosen: view.get("state").tab,
    onChoose: (tab) => {
      if (tab !== chosen) ask("choose_tab", { tab });
    },
  });
  const left = h("div", { class: "oppnb-forecast-main" }, drawn.element, target.element, facts);
  view.body.append(title, day, controls, h("div", { class: "oppnb-forecast-top" }, left, levers.element));
  view.body.append(following.element, pages.element, notes);

  const draw = (state) => {
    if (!moves.isMoving()) show(state.frame);
    chosen = state.tab;
    day.textContent = state.question.day;
    refill(controls, question(state.question, t, ask));
    target.draw(state.question.target);
    drawn.redraw();
    levers.draw(state.levers, state.scenario);
    panel.draw(state);
    following.draw(state.following);
    refill(notes, noted(state.notes, t));
  };
  return {
    draw,
    stop: () => {
      drawn.stop();
      panel.stop();
      moves.stop();
    },
  };
}

function question(asked, t, ask) {
  const periods = choice({
    options: asked.periods,
    value: asked.period,
    focus: "period",
    onChange: (period) => ask("choose_period", { period }),
  });
  const back = h("button", { type: "button", class: "oppnb-press", data: { focus: "whole" } }, t("whole"));
  back.addEventListener("click", () => ask("show_all"));
  const part = h("div", { class: "oppnb-part" }, h("span", {}, t("part", { node: asked.node })), back);
  return [field(t("period"), periods), asked.is_company ? null : part];
}

function drawFacts(box, facts) {
  box.replaceChildren(
    ...facts.map((one) =>
      h(
        "div",
        { role: "listitem", data: { fact: one.key } },
        h("div", { class: "oppnb-fact-name" }, one.label),
        h("div", { class: "oppnb-fact" }, one.value),
        one.beside ? h("div", { class: "oppnb-fact-name" }, one.beside) : null,
      ),
    ),
  );
}

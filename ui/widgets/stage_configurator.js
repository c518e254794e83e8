import { h, measured, refill, settled } from "./shared/dom.js";
import { makeFollowing } from "./shared/beside.js";
import { barsChart } from "./shared/bars.js";
import { choice, field } from "./shared/controls.js";
import { mountWidget } from "./shared/shell.js";
import { makeCards } from "./stage_configurator/cards.js";
import { drawChanges } from "./shared/changes.js";
import { refillKeeping } from "./stage_configurator/inputs.js";

const TRAITS = ["texts", "locale", "state", "busy", "progress", "can_cancel", "error"];
const COMMANDS = ["add_stage", "cancel", "choose_odds_of", "choose_process", "choose_stage", "dismiss_error", "merge_stages",
  "move_stage", "read_outcome", "redo", "reload", "remove_stage", "rename_stage", "save", "show_all", "take_observed", "undo", "write_stage",
  "write_tasks"];

export function render({ model, el }) {
  return mountWidget({ model, el }, { name: "configurator", traits: TRAITS, commands: COMMANDS, build });
}

function build(view) {
  const { t, ask } = view;
  const title = h("h3", {});
  const controls = h("div", { class: "oppnb-controls" });
  const bar = h("div", { class: "oppnb-toolbar" });
  const following = makeFollowing(view);
  const ofProcess = h("ul", { class: "oppnb-findings" });
  const cards = makeCards(view);
  const adding = addRow(t, ask);
  let chart = null;
  const drawn = measured((width) => barsChart(chart, Math.min(width, 900), { label: t("weighted") }), { class: "oppnb-weighed" });
  const changes = h("div", { class: "oppnb-changes" });
  // JupyterLab takes Enter, Escape and arrows of a cell in command mode for itself otherwise
  view.body.setAttribute("data-lm-suppress-shortcuts", "true");
  view.body.append(title, controls, bar, following.element, ofProcess, cards.element, adding);
  view.body.append(h("h4", {}, t("weighted")), drawn.element, changes);

  const draw = (state) => {
    chart = state.chart;
    title.textContent = state.title;
    refill(controls, question(state, t, ask));
    refill(bar, toolbar(state, t, ask));
    following.draw(state.following);
    ofProcess.replaceChildren(...state.findings.map((words) => h("li", {}, words)));
    cards.draw(state);
    drawn.redraw();
    refillKeeping(changes, drawChanges(state, t, ask));
    const words = state.note || state.title;
    view.sayIfNew(words);
  };
  return { draw, stop: drawn.stop };
}

function question(state, t, ask) {
  const process = choice({
    options: state.processes,
    value: state.process,
    focus: "process",
    onChange: (chosen) => ask("choose_process", { process: chosen }),
  });
  const kinds = ["entered", "standing"].map((key) => ({ key, label: t(`odds_of_${key}`) }));
  const whose = choice({
    options: kinds,
    value: state.odds_of,
    focus: "odds_of",
    onChange: (chosen) => ask("choose_odds_of", { odds_of: chosen }),
  });
  return [field(t("process"), process), field(t("odds_of"), whose)];
}

function toolbar(state, t, ask) {
  const step = (name, what) =>
    h(
      "button",
      {
        type: "button",
        class: "oppnb-press",
        disabled: !what,
        title: what ? t(`${name}_what`, { what }) : null,
        data: { focus: name },
        on: { click: () => ask(name) },
      },
      t(name),
    );
  const take = h(
    "button",
    {
      type: "button",
      class: "oppnb-press",
      title: t("take_all_hint"),
      data: { focus: "take-all" },
      on: { click: () => ask("take_observed", { stage: null }) },
    },
    t("take_all"),
  );
  return [step("undo", state.undo), step("redo", state.redo), take];
}

function addRow(t, ask) {
  const input = h("input", { type: "text", autocomplete: "off" });
  const options = ["open", "won", "lost"].map((key) => ({ key, label: t(`outcome_${key}`) }));
  let isChosen = false; // until then the name says how the stage ends: Won, Lost, 赢单
  const ends = choice({ options, value: "open", focus: "outcome", onChange: () => { isChosen = true; } });
  const begin = () => {
    isChosen = false;
    input.value = "";
    ends.value = "open";
  };
  const add = () => {
    if (!input.value.trim()) return input.focus();
    ask("add_stage", { name: input.value, outcome: isChosen ? ends.value : null }).then(begin, () => {});
    return null;
  };
  const read = settled(() => {
    const name = input.value;
    const show = (told) => { if (told && !isChosen && input.value === name) ends.value = told.outcome; };
    if (name.trim() && !isChosen) ask("read_outcome", { name }).then(show, () => {});
  }, 250);
  input.addEventListener("input", read);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) add();
  });
  const button = h("button", { type: "button", class: "oppnb-press", on: { click: add } }, t("add"));
  return h("div", { class: "oppnb-adding" }, field(t("add_name"), input), field(t("add_outcome"), ends), button);
}

import { h, refill } from "./shared/dom.js";
import { choice, field } from "./shared/controls.js";
import { mountWidget } from "./shared/shell.js";
import { drawChanges } from "./shared/changes.js";
import { drawColumns } from "./mapping_editor/columns.js";
import { drawFindings } from "./mapping_editor/findings.js";

const TRAITS = ["texts", "locale", "state", "busy", "progress", "can_cancel", "error"];
const COMMANDS = ["add_table", "cancel", "choose_header", "choose_rule", "dismiss_error", "redo", "reload",
  "remove_table", "save", "undo"];

export function render({ model, el }) {
  return mountWidget({ model, el }, { name: "mapping", traits: TRAITS, commands: COMMANDS, build });
}

function build(view) {
  const { t, ask } = view;
  const title = h("h3", {});
  const problem = h("p", { class: "oppnb-problem", hidden: true });
  const controls = h("div", { class: "oppnb-controls" });
  const why = h("p", { class: "oppnb-quiet" });
  const columns = h("div", { class: "oppnb-columns" });
  const adding = h("div", { class: "oppnb-adding" });
  const findings = h("div", {});
  const changes = h("div", {});
  const picked = { table: null, file: null, isOpen: false };
  view.body.append(title, problem, controls, why, columns, adding, findings, changes);

  const draw = (state) => {
    title.textContent = state.title;
    problem.hidden = !state.problem;
    problem.textContent = state.problem;
    refill(controls, drawControls(state, t, ask));
    why.textContent = state.why ? t("why", { reason: state.why }) : "";
    refill(columns, drawColumns(state, t, ask));
    refill(adding, drawAdding(state, picked, t, ask));
    refill(findings, drawFindings(state, t));
    refill(changes, drawChanges(state, t, ask));
    const words = state.note || [state.undo, state.title].filter(Boolean).join(". ");
    view.sayIfNew(words);
  };
  return { draw };
}

function drawControls(state, t, ask) {
  const rules = choice({ options: state.rules, value: state.rule, focus: "rule", onChange: (rule) => ask("choose_rule", { rule }) });
  const step = (name, what) => {
    const props = { type: "button", class: "oppnb-press", "aria-label": t(`${name}_what`, { what }), disabled: !what, data: { focus: name } };
    return h("button", { ...props, title: what, on: { click: () => ask(name) } }, t(name));
  };
  const buttons = h("div", { class: "oppnb-steps" }, step("undo", state.undo), step("redo", state.redo));
  return [state.rules.length ? field(t("choose_rule"), rules) : null, buttons];
}

// What else could be filled; what was picked there stays picked while the rest is drawn anew.
function drawAdding(state, picked, t, ask) {
  picked.table ??= state.tables[0]?.key ?? "";
  picked.file ??= state.files[0]?.key ?? "";
  const select = (name, options) =>
    choice({ options, value: picked[name], focus: `add-${name}`, onChange: (value) => { picked[name] = value; } });
  const add = () => ask("add_table", { table: picked.table, file: picked.file });
  const button = (focus, run, words) => h("button", { type: "button", class: "oppnb-press", data: { focus }, on: { click: run } }, words);
  const shown = state.rules.find((one) => one.key === state.rule);
  const gone = { table: state.tables.find((one) => one.key === state.table)?.label ?? "", file: state.file_shown };
  const remove = () => ask("remove_table", { table: state.table, file: state.file_shown });
  const box = h("details", { open: picked.isOpen },
    h("summary", { data: { focus: "add" } }, t("add")),
    h("div", { class: "oppnb-controls" },
      field(t("add_table"), select("table", state.tables)),
      field(t("add_file"), select("file", state.files)),
      button("add-do", add, t("add_do")),
      shown ? button("remove", remove, t("remove_table", gone)) : null));
  box.addEventListener("toggle", () => { picked.isOpen = box.open; });
  return [box];
}

import { h } from "../shared/dom.js";
import { choice, field } from "../shared/controls.js";
import { textInput } from "./inputs.js";

const LINES = ["entry_criteria", "exit_criteria", "evidence", "aliases"];

// All that a stage says, in fields.
export function detail(told, card, { t, ask }) {
  const write = (name) => (text) => ask("write_stage", { stage: told.key, field: name, text });
  const isOpen = card.outcome === "open";
  const rename = (name) => ask("rename_stage", { stage: told.key, name });
  const one = (name, value, onChange, mode) =>
    field(t(name), textInput({ value, focus: `${name}-${told.key}`, mode, onChange }));
  const days = (name) => one(name, told[name], write(name), "decimal");
  const lines = (name) =>
    field(t(name), textInput({ value: told[name], focus: `${name}-${told.key}`, lines: 3, onChange: write(name) }), {
      class: "oppnb-field oppnb-lines",
      title: name === "aliases" ? t("aliases_hint") : null,
    });
  return h(
    "div",
    { class: "oppnb-detail" },
    h(
      "div",
      { class: "oppnb-controls" },
      one("name", told.name, rename),
      told.with_label ? one("label", told.label, write("label")) : null,
      isOpen ? days("time_limit_days") : null,
      isOpen ? days("silence_limit_days") : null,
    ),
    h("div", { class: "oppnb-texts" }, (isOpen ? LINES : ["aliases"]).map(lines)),
    isOpen ? tasks(told, { t, ask }) : null,
    h("div", { class: "oppnb-controls oppnb-ends" }, merging(told, { t, ask }), removing(told, card, { t, ask })),
  );
}

function tasks(told, { t, ask }) {
  const all = told.key_tasks;
  const tell = (made) => ask("write_tasks", { stage: told.key, tasks: made });
  const rows = all.map((task, at) => taskRow(task, at, { told, t, tell }));
  const blank = taskRow({ name: "", days: "" }, all.length, { told, t, tell });
  return h("fieldset", { class: "oppnb-tasks" }, h("legend", {}, t("key_tasks")), rows, blank);
}

function taskRow(task, at, { told, t, tell }) {
  const isNew = at === told.key_tasks.length;
  const put = (change) => tell([...told.key_tasks.slice(0, at), { ...task, ...change }, ...told.key_tasks.slice(at + 1)]);
  const name = textInput({
    value: task.name,
    focus: `task-${at}-${told.key}`,
    label: isNew ? t("add_task") : `${t("task")} ${at + 1}`,
    onChange: (text) => put({ name: text, days: days.value }),
  });
  const days = textInput({
    value: task.days,
    focus: `task-days-${at}-${told.key}`,
    label: `${t("task")} ${at + 1}: ${t("task_days")}`,
    mode: "numeric",
    onChange: (text) => (isNew && !name.value ? null : put({ name: name.value, days: text })),
  });
  name.placeholder = isNew ? t("add_task") : "";
  const remove = h(
    "button",
    {
      type: "button",
      class: "oppnb-press",
      "aria-label": t("remove_task", { n: at + 1 }),
      on: { click: () => tell(told.key_tasks.filter((_, place) => place !== at)) },
    },
    "×",
  );
  return h("div", { class: "oppnb-field oppnb-task" }, name, h("span", { class: "oppnb-quiet" }, t("task_days")), days, isNew ? null : remove);
}

function merging(told, { t, ask }) {
  if (!told.into.length) return null;
  const into = choice({ options: told.into, value: told.into[0].key, focus: `into-${told.key}`, onChange: () => {} });
  const merge = h(
    "button",
    {
      type: "button",
      class: "oppnb-press",
      data: { focus: `merge-${told.key}` },
      on: { click: () => ask("merge_stages", { stage: told.key, into: into.value }) },
    },
    t("merge_do"),
  );
  return h("div", { class: "oppnb-merging" }, field(t("merge"), into), merge, h("span", { class: "oppnb-quiet" }, t("merge_hint")));
}

function removing(told, card, { t, ask }) {
  if (!card.can_go) return null;
  const remove = () => ask("remove_stage", { stage: told.key });
  const button = h("button", { type: "button", class: "oppnb-press", on: { click: remove } }, t("remove"));
  return h("div", { class: "oppnb-merging" }, button, h("span", { class: "oppnb-quiet" }, t("remove_hint")));
}

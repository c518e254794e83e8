import { h } from "./dom.js";

const KINDS = { "+": "oppnb-added", "-": "oppnb-gone", "@": "oppnb-where" };

// What saving would change in a file, and the button that saves. state: {note, is_stale, diff_fault, diff, file}; commands save, reload.
export function drawChanges(state, t, ask) {
  const file = { file: state.file };
  const heading = h("h4", {}, t("changes"));
  const note = state.note ? h("p", { class: "oppnb-note" }, state.note) : null;
  const button = (name, words) =>
    h("button", { type: "button", class: "oppnb-press", data: { focus: name }, on: { click: () => ask(name) } }, words);
  const again = state.is_stale ? button("reload", t("reload", file)) : null;
  if (state.diff_fault) return [heading, h("p", {}, state.diff_fault), again];
  if (!state.diff.length) {
    const nothing = t(state.file ? "no_changes" : "no_changes_no_file", file);
    return [heading, note, note ? null : h("p", { class: "oppnb-quiet" }, nothing), again];
  }
  const shown = state.diff.slice(2).map((line) => h("div", { class: KINDS[line[0]] ?? "" }, line || " "));
  const label = t("diff_of", { file: state.file || "oppnb.yaml" });
  const pre = h("pre", { class: "oppnb-diff", tabindex: "0", role: "region", "aria-label": label, data: { focus: "diff" } }, shown);
  const save = state.file ? button("save", t("save", file)) : h("p", { class: "oppnb-quiet" }, t("no_file_hint"));
  if (state.file) save.classList.add("oppnb-save");
  return [heading, note, pre, h("div", { class: "oppnb-toolbar" }, save, again)];
}

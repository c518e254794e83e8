import { h } from "./dom.js";

// What stands above a widget while it follows deals that another chose. `told`: {n, label} or null. -> {element, draw(told)}
export function makeFollowing({ t, ask }) {
  const element = h("div", { class: "oppnb-following", hidden: true });
  const draw = (told) => {
    element.hidden = !told;
    if (!told) return element.replaceChildren();
    const words = told.label ? t("following", told) : t("following_plain", told);
    const all = h("button", { type: "button", class: "oppnb-press", on: { click: () => ask("show_all") } }, t("show_all"));
    return element.replaceChildren(h("span", {}, words), all);
  };
  return { element, draw };
}

// Notes that are read when somebody opens them; null without any.
export function noted(notes, t) {
  if (!notes.length) return null;
  const summary = h("summary", { data: { focus: "notes" } }, t("notes"));
  return h("details", {}, summary, h("ul", {}, notes.map((note) => h("li", {}, note))));
}

import { h, refill, uid } from "../shared/dom.js";
import { choice, field } from "../shared/controls.js";
import { makeSlider } from "./slider.js";

// The scenario: for which deals, its sliders, what it assumes, saving and choosing saved ones.
export function makeLevers({ t, ask, moves, say }) {
  const segments = h("div", { class: "oppnb-controls" });
  const box = h("div", { class: "oppnb-sliders" });
  const assumed = h("div", { class: "oppnb-assumed" });
  const kept = h("div", { class: "oppnb-controls" });
  const saving = makeSaving({ t, ask, say });
  const sliders = new Map();
  const heading = h("h4", { id: uid("levers") }, t("scenario"));
  const element = h("section", { class: "oppnb-levers", "aria-labelledby": heading.id }, heading);
  element.append(kept, segments, box, assumed, saving.element);

  const slider = (spec) => {
    if (!sliders.has(spec.key)) {
      const onMove = (value) => moves.lever(spec.key, value);
      sliders.set(spec.key, makeSlider({ label: spec.label, focus: `lever-${spec.key}`, onMove }));
      box.append(sliders.get(spec.key).element);
    }
    sliders.get(spec.key).draw(spec);
  };
  const drawAssumed = (changes) => {
    const rows = changes.map((one) => {
      const drop = h("button", { type: "button", class: "oppnb-press", data: { focus: `drop-${one.place}` } }, t("drop"));
      drop.setAttribute("aria-label", `${t("drop")}: ${one.text}`);
      drop.addEventListener("click", () => ask("drop_change", { place: one.place }));
      return h("li", {}, h("span", {}, one.text), drop);
    });
    const all = h("button", { type: "button", class: "oppnb-press", data: { focus: "reset" } }, t("reset"));
    all.addEventListener("click", () => ask("reset_scenario"));
    if (!rows.length) return refill(assumed, h("p", { class: "oppnb-quiet" }, t("nothing_assumed")));
    return refill(assumed, h("p", { class: "oppnb-quiet" }, t("assumed")), h("ul", {}, rows), rows.length > 1 ? all : null);
  };
  return {
    element,
    draw(spec, scenario) {
      const columns = [{ key: "", label: t("every_deal") }, ...spec.columns];
      const ofColumn = choice({
        options: columns,
        value: spec.column,
        focus: "segment",
        onChange: (column) => ask("choose_segment", { column, value: "" }),
      });
      const ofValue = choice({
        options: spec.values,
        value: spec.value,
        focus: "segment-value",
        onChange: (value) => ask("choose_segment", { column: spec.column, value }),
      });
      refill(segments, field(t("segment"), ofColumn), spec.column ? field(t("segment_value"), ofValue) : null);
      if (!moves.isMoving()) spec.sliders.forEach(slider);
      drawAssumed(spec.changes);
      const saved = choice({
        options: [{ key: "", label: t("none_chosen") }, ...scenario.saved],
        value: scenario.name,
        focus: "saved",
        onChange: (name) => ask("use_scenario", { name }),
      });
      refill(kept, scenario.saved.length ? field(t("saved"), saved) : null);
      saving.draw(scenario);
    },
  };
}

function makeSaving({ t, ask, say }) {
  const name = h("input", { type: "text", data: { focus: "scenario-name" }, maxlength: 80 });
  const save = h("button", { type: "button", class: "oppnb-press", data: { focus: "save" } }, t("save"));
  const where = h("p", { class: "oppnb-quiet" });
  const tell = () => {
    const given = name.value;
    const done = () => {
      where.textContent = t("saved_as", { name: given });
      say(where.textContent);
    };
    ask("save_scenario_as", { name: given }).then(done, () => {});
  };
  save.addEventListener("click", tell);
  name.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") tell();
  });
  const element = h("div", {}, h("div", { class: "oppnb-typed" }, field(t("name"), name), save), where);
  return {
    element,
    draw(scenario) {
      if (document.activeElement !== name && scenario.name) name.value = scenario.name;
      if (!where.textContent && scenario.path) where.textContent = t("saves_to", { path: scenario.path });
    },
  };
}

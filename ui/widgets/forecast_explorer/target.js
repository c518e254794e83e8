import { h, uid } from "../shared/dom.js";
import { field } from "../shared/controls.js";
import { makeSlider } from "./slider.js";

// The target: a slider over round amounts, and a field for any other.
export function makeTarget({ t, ask, moves }) {
  const input = h("input", { type: "text", inputmode: "decimal", id: uid("target"), data: { focus: "target-typed" } });
  const set = h("button", { type: "button", class: "oppnb-press" }, t("set"));
  const quota = h("span", { class: "oppnb-quiet" });
  const tell = () => ask("type_target", { text: input.value });
  set.addEventListener("click", tell);
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") tell();
  });
  const slider = makeSlider({ label: t("target_slider"), focus: "target", onMove: (value) => moves.target(value) });
  const typed = h("div", { class: "oppnb-typed" }, field(t("target_typed"), input), set, quota);
  const element = h("div", { class: "oppnb-target-controls" }, slider.element, typed);
  return {
    element,
    // The thumb stands under its amount in the chart above.
    align({ x, left, right }) {
      const [first, last] = slider.places().map((amount) => Math.min(Math.max(x(amount), left), right));
      slider.align(first, last);
    },
    draw(spec) {
      slider.draw({ ...spec, key: "target" });
      if (document.activeElement !== input) input.value = spec.typed;
      quota.textContent = spec.quota;
    },
  };
}

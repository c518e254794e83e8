import { h, uid } from "../shared/dom.js";

const THUMB = 16;

// A range over places whose values and texts Python wrote; it is never replaced while a hand holds it.
// draw({values, texts, at, neutral?, disabled?})
export function makeSlider({ label, focus, onMove }) {
  let spec = { values: [0], texts: [""], at: 0 };
  let held = false;
  const id = uid("slider");
  const told = h("output", { for: id });
  const control = h("input", { type: "range", id, min: 0, step: 1, data: { focus } });
  const write = () => {
    const text = spec.texts[Number(control.value)] ?? "";
    told.textContent = text;
    control.setAttribute("aria-valuetext", text);
    element.classList.toggle("oppnb-moved", spec.neutral !== undefined && Number(control.value) !== spec.neutral);
  };
  control.addEventListener("input", () => {
    write();
    onMove(spec.values[Number(control.value)]);
  });
  control.addEventListener("pointerdown", () => {
    held = true;
  });
  for (const end of ["pointerup", "pointercancel", "blur"]) {
    control.addEventListener(end, () => {
      held = false;
    });
  }
  const element = h("div", { class: "oppnb-slider" }, h("label", { for: id }, label), told, control);
  return {
    element,
    // Put the first and the last place under these pixels; the middle of the thumb stands there.
    align(from, to) {
      control.style.marginLeft = `${from - THUMB / 2}px`;
      control.style.width = `${Math.max(to - from, 1) + THUMB}px`;
    },
    places: () => [spec.values[0], spec.values.at(-1)],
    draw(next) {
      if (held) return;
      spec = next;
      control.max = next.values.length - 1;
      control.value = next.at;
      control.disabled = Boolean(next.disabled);
      write();
    },
  };
}

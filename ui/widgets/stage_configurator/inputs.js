import { h, refill, uid } from "../shared/dom.js";

// An input or textarea that tells its text once it is left or Enter is pressed, if it is another than it was. A refusal stands
// below it in words; Escape gives back what is set. `onChange(text)` gives a promise, or null if nothing was asked.
export function textInput({ value, focus, label, lines, mode, onChange }) {
  const props = { data: { focus, said: value }, "aria-label": label, autocomplete: "off" };
  const control = lines ? h("textarea", { ...props, rows: lines }) : h("input", { ...props, type: "text", inputmode: mode });
  const why = h("span", { class: "oppnb-refused", id: uid("refused") });
  control.value = value;
  const clear = () => {
    why.remove();
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
  };
  const refuse = (words) => {
    why.textContent = words;
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", why.id);
    (control.closest(".oppnb-stage-odds") ?? control.closest(".oppnb-field"))?.append(why);
  };
  const tell = () => {
    if (control.value === control.dataset.said || control.value === control.dataset.told) return;
    control.dataset.told = control.value;
    clear();
    onChange(control.value)?.catch((error) => refuse(error.message));
  };
  control.addEventListener("change", tell);
  control.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && control.value !== control.dataset.said) {
      control.value = control.dataset.said;
      delete control.dataset.told;
      clear();
      event.stopPropagation();
    }
    if (!lines && event.key === "Enter" && !event.isComposing) tell();
  });
  return control;
}

// Like refill; a field that somebody is writing in keeps what is written.
export function refillKeeping(box, ...children) {
  const held = box.contains(box.getRootNode().activeElement) ? box.getRootNode().activeElement : null;
  const said = held?.dataset?.said;
  const written = said !== undefined && held.value !== said && held.value !== held.dataset.told ? held.value : null;
  const caret = written === null ? null : held.selectionStart;
  refill(box, ...children);
  if (written === null) return;
  const again = box.getRootNode().activeElement;
  if (again?.dataset?.focus !== held.dataset.focus) return;
  again.value = written;
  again.setSelectionRange(caret, caret);
}

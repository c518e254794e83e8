import { h, uid } from "./dom.js";

// A control with its visible label. `control` is an input or select; it gets an id.
export function field(label, control, props) {
  control.id ||= uid("field");
  return h("div", { class: "oppnb-field", ...props }, h("label", { for: control.id }, label), control);
}

// A select; options are {key, label}. `focus` names it for refill.
export function choice({ options, value, focus, onChange }) {
  const made = options.map((one) => h("option", { value: one.key, selected: one.key === value }, one.label));
  const control = h("select", { data: { focus }, on: { change: () => onChange(control.value) } }, made);
  control.value = value;
  return control;
}

// A day (ISO text); told when the field is left, Enter is pressed or a day is picked, if it is a whole day within the bounds;
// else `wrong` stands under it. While one types, every digit makes another whole date: those are not told.
export function dayInput({ value, min, max, focus, wrong, onChange }) {
  let told = value; // leaving the field after Enter asks nothing anew
  let isTyping = false;
  const fault = h("p", { class: "oppnb-wrong", id: uid("fault"), role: "alert" });
  const judge = () => {
    const isWrong = !control.checkValidity();
    if (isWrong === fault.isConnected) return;
    if (isWrong) control.after(fault);
    else fault.remove();
    fault.textContent = isWrong ? wrong : "";
    for (const [name, said] of [["aria-invalid", "true"], ["aria-describedby", fault.id]]) {
      if (isWrong) control.setAttribute(name, said);
      else control.removeAttribute(name);
    }
  };
  const tell = () => {
    isTyping = false;
    judge();
    if (!control.value || control.value === told || !control.checkValidity()) return;
    told = control.value;
    control.dataset.told = told;
    onChange(told);
  };
  const on = {
    keydown: (event) => {
      if (event.key === "Enter") tell();
      else if (event.key !== "Tab") isTyping = true;
    },
    change: () => (isTyping ? null : tell()),
    blur: tell,
  };
  const control = h("input", { type: "date", value, min, max, data: { focus, said: value }, on });
  return control;
}

// A range with its value in words; `onChange` is called while it moves.
export function slider({ value, min, max, step, focus, write, label, onChange }) {
  const told = h("output", {}, write(value));
  const moved = () => {
    told.textContent = write(Number(control.value));
    control.setAttribute("aria-valuetext", told.textContent);
    onChange(Number(control.value));
  };
  const control = h("input", { type: "range", min, max, step, data: { focus }, "aria-label": label });
  control.value = value;
  control.setAttribute("aria-valuetext", told.textContent);
  control.addEventListener("input", moved);
  return { control, told };
}

// Tabs with panels that are drawn when they are first opened; tabs are {key, label, panel() -> element}.
export function tabs({ label, tabs: all, chosen, onChoose }) {
  const stem = uid("tab");
  const panel = h("div", { role: "tabpanel", id: `${stem}-panel`, tabindex: "0" });
  const buttons = all.map((one) =>
    h("button", { type: "button", role: "tab", id: `${stem}-${one.key}`, "aria-controls": panel.id }, one.label),
  );
  let current = Math.max(0, all.findIndex((one) => one.key === chosen));
  const show = (place, focus) => {
    current = place;
    buttons.forEach((button, at) => {
      button.setAttribute("aria-selected", String(at === place));
      button.tabIndex = at === place ? 0 : -1;
    });
    panel.setAttribute("aria-labelledby", buttons[place].id);
    panel.replaceChildren(all[place].panel());
    if (focus) buttons[place].focus();
  };
  const open = (place, focus) => {
    show(place, focus);
    onChoose?.(all[place].key);
  };
  buttons.forEach((button, at) => button.addEventListener("click", () => open(at, false)));
  const list = h("div", { role: "tablist", "aria-label": label, class: "oppnb-tabs" }, buttons);
  list.addEventListener("keydown", (event) => {
    const steps = { ArrowRight: 1, ArrowLeft: -1 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    open((current + steps[event.key] + all.length) % all.length, true);
  });
  show(current, false);
  return { element: h("div", {}, list, panel), redraw: () => show(current, false) };
}

const SVG = "http://www.w3.org/2000/svg";
let made = 0;

// An element; strings become text nodes, never markup. `on` holds listeners, `data` data attributes.
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

// The same for SVG.
export function s(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "data") for (const [key, said] of Object.entries(value)) element.dataset[key] = said;
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// An id that no other element of the page has.
export function uid(stem) {
  made += 1;
  return `oppnb-${stem}-${made}-${Math.random().toString(36).slice(2, 7)}`;
}

// Put other children into a box; what had the focus (by `data-focus`) has it again, with the caret where it was, and what
// was unfolded stays so. While a date is half typed the box waits: half a date cannot be read, so it could not be kept.
export function refill(box, ...children) {
  const held = focusedIn(box);
  if (isHalfTyped(held)) return refillLater(box, held, children);
  later.delete(box);
  const key = held?.dataset?.focus;
  const caret = key && "selectionStart" in held ? [held.selectionStart, held.selectionEnd] : null;
  const unfolded = [...box.querySelectorAll("details[open] > summary[data-focus]")].map((one) => one.dataset.focus);
  box.replaceChildren(...children.flat().filter(Boolean));
  for (const one of box.querySelectorAll("details > summary[data-focus]")) {
    if (unfolded.includes(one.dataset.focus)) one.parentElement.open = true;
  }
  if (!key) return null;
  const again = [...box.querySelectorAll("[data-focus]")].find((one) => one.dataset.focus === key);
  again?.focus({ preventScroll: true });
  if (caret && again && caret[0] !== null) again.setSelectionRange(...caret);
  return null;
}

const later = new WeakMap();

function focusedIn(box) {
  const active = box.getRootNode().activeElement;
  return box.contains(active) ? active : null;
}

// A date field that holds part of a date, or one that it has not told yet (`data-said`: drawn with, `data-told`: told).
function isHalfTyped(field) {
  if (field?.type !== "date") return false;
  const { said, told } = field.dataset;
  return field.validity.badInput || (said !== undefined && field.value !== said && field.value !== told);
}

function refillLater(box, held, children) {
  const isWatched = later.has(box);
  later.set(box, children);
  if (isWatched) return null;
  const left = () =>
    setTimeout(() => {
      if (focusedIn(box) === held) return; // only the window lost the focus
      held.removeEventListener("focusout", left);
      const waiting = later.get(box);
      if (waiting) refill(box, ...waiting);
    });
  held.addEventListener("focusout", left);
  return null;
}

// A box whose content is drawn for its width, and again when the width changes. Returns {element, redraw, stop}.
export function measured(draw, props) {
  const element = h("div", props);
  let width = 0;
  const redraw = () => {
    if (width > 0) refill(element, draw(width));
  };
  const observer = new ResizeObserver((entries) => {
    const now = Math.floor(entries[0].contentRect.width);
    if (now === width) return;
    width = now;
    redraw();
  });
  observer.observe(element);
  return { element, redraw, stop: () => observer.disconnect() };
}

// Call `run` when nothing more has come for `delay` milliseconds; `.now(...)` calls it at once.
export function settled(run, delay) {
  let timer = 0;
  const later = (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...given), delay);
  };
  later.now = (...given) => {
    clearTimeout(timer);
    run(...given);
  };
  return later;
}

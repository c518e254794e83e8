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

// Put other children into a box; what had the focus (by `data-focus`) has it again, with the caret where it was.
export function refill(box, ...children) {
  const held = box.contains(box.getRootNode().activeElement) ? box.getRootNode().activeElement : null;
  const key = held?.dataset?.focus;
  const caret = key && "selectionStart" in held ? [held.selectionStart, held.selectionEnd] : null;
  box.replaceChildren(...children.flat().filter(Boolean));
  if (!key) return;
  const again = [...box.querySelectorAll("[data-focus]")].find((one) => one.dataset.focus === key);
  again?.focus({ preventScroll: true });
  if (caret && again && caret[0] !== null) again.setSelectionRange(...caret);
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

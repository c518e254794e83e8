import { h } from "./dom.js";
import { translator } from "./i18n.js";
import { connect } from "./wire.js";

// What every widget has around its own body: name, error, progress with cancel, lost kernel, words for a reader's ear.
// `build(view)` is called once and returns {draw(state), stop()?}; `view` is {body, t, ask, get, on, say, sayIfNew, locale}.
export function mountWidget({ model, el }, { name, traits, commands, build }) {
  const wire = connect(model, { traits, commands });
  const t = translator(wire.get("texts"));
  const body = h("div", { class: "oppnb-body" });
  const spoken = h("div", { class: "oppnb-heard", role: "status", "aria-live": "polite" });
  const fault = h("div", { class: "oppnb-error", role: "alert", hidden: true });
  const lost = h("div", { class: "oppnb-lost", role: "alert", hidden: true });
  const bar = h("progress", { "aria-label": t("working"), max: "1" });
  const stopWork = h("button", { type: "button", on: { click: () => wire.ask("cancel") } }, t("cancel"));
  const work = h("div", { class: "oppnb-work", hidden: true }, h("span", {}, t("working")), bar, stopWork);
  const lang = wire.get("locale") === "zh_CN" ? "zh-Hans" : "en";
  const root = h("section", { class: `oppnb-widget oppnb-${name}`, "aria-label": t("title"), lang });
  root.dataset.lmSuppressShortcuts = "true"; // else JupyterLab takes the arrow keys of a list for itself
  const notices = h("div", { class: "oppnb-notices" }, work, lost, fault);
  root.append(body, notices, spoken);
  el.append(root);
  // JupyterLab takes arrow keys for its cells, unless the very element that has the focus says that it needs them.
  root.addEventListener("focusin", (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true"));

  // What is told stands where the hand is, not far below, but for a field that tells it itself (`data-said`).
  let touched = null;
  const touch = (event) => {
    const box = event.target.getBoundingClientRect();
    const at = event.clientY || Math.min(box.bottom, box.top + 80);
    touched = event.target.dataset?.said === undefined ? at + 24 - root.getBoundingClientRect().top : null;
  };
  ["pointerdown", "keydown"].forEach((event) => body.addEventListener(event, touch, true));
  const place = (isTold) => {
    const far = touched !== null && root.offsetHeight - touched > 240;
    if (isTold) notices.classList.toggle("oppnb-near", far);
    if (isTold) notices.style.top = far ? `${touched}px` : "";
  };

  const drawFault = (words) => {
    fault.hidden = !words;
    const close = h("button", { type: "button", on: { click: () => wire.ask("dismiss_error") } }, t("dismiss"));
    fault.replaceChildren(...(words ? [h("span", {}, words), close] : []));
    place(Boolean(words));
  };
  const drawWork = () => {
    place(wire.get("busy") && work.hidden);
    work.hidden = !wire.get("busy");
    stopWork.hidden = !wire.get("can_cancel");
    root.setAttribute("aria-busy", String(wire.get("busy")));
    const share = wire.get("progress");
    if (share >= 0) bar.value = share;
    else bar.removeAttribute("value");
  };
  wire.onLost((how) => {
    lost.hidden = !how;
    lost.textContent = how ? t(how) : "";
    place(Boolean(how));
  });

  const say = (text) => {
    spoken.textContent = text;
  };
  let told = null;
  const view = {
    body,
    t,
    ask: wire.ask,
    get: wire.get,
    on: wire.on,
    locale: wire.get("locale"),
    say,
    // What a draw has to say: not at the first, and not twice.
    sayIfNew: (text) => {
      if (told !== null && told !== text) say(text);
      told = text;
    },
  };
  const built = build(view);
  const draw = () => built.draw(wire.get("state"));
  wire.on("state", draw);
  wire.on("error", drawFault);
  ["busy", "progress", "can_cancel"].forEach((trait) => wire.on(trait, drawWork));
  draw();
  drawFault(wire.get("error"));
  drawWork();
  return () => {
    built.stop?.();
    wire.stop();
    root.remove();
  };
}

import { h, s, uid } from "../shared/dom.js";
import { detail } from "./detail.js";
import { textInput, refillKeeping } from "./inputs.js";
import { makeCarrying } from "./carrying.js";

// The stages of a process in order, as cards. Returns {element, draw(state)}.
export function makeCards(view) {
  const { t, ask } = view;
  const hint = h("p", { id: uid("hint"), class: "oppnb-quiet oppnb-hint" }, t("move_hint"));
  const list = h("ol", { class: "oppnb-stages", "aria-label": t("stages") });
  let waiting = null;
  const carrying = makeCarrying(list, {
    t,
    say: view.say,
    onDrop: (stage, to) => ask("move_stage", { stage, to }),
    onEnd: () => {
      if (waiting) draw(waiting);
    },
  });

  function draw(state) {
    waiting = carrying.isBusy() ? state : null;
    if (waiting) return;
    const made = state.cards.map((card) => oneCard(card, state, { t, ask, carrying, hint: hint.id }));
    refillKeeping(list, made);
  }
  const legend = h("p", { class: "oppnb-quiet oppnb-hint" }, t("legend"));
  return { element: h("div", {}, list, hint, legend), draw };
}

function oneCard(card, state, { t, ask, carrying, hint }) {
  const isOpen = card.outcome === "open";
  const isChosen = state.detail?.key === card.key;
  const findings = card.findings.map((words) => h("li", {}, words));
  return h(
    "li",
    { class: `oppnb-stage oppnb-ends-${card.outcome}${isChosen ? " oppnb-unfolded" : ""}`, data: { stage: card.key, first: card.first, last: card.last } },
    h(
      "div",
      { class: "oppnb-stage-row" },
      handle(card, t, carrying, hint),
      name(card, t),
      isOpen ? odds(card, t, ask) : h("span", { class: "oppnb-stage-odds oppnb-quiet" }, card.outcome_text),
      isOpen ? observed(card, t, ask) : null,
      isOpen ? h("div", { class: "oppnb-stage-deals" }, h("div", {}, card.deals), h("div", { class: "oppnb-quiet" }, card.weighted)) : null,
      editButton(card, isChosen, t, ask),
    ),
    findings.length ? h("ul", { class: "oppnb-findings", "aria-label": t("findings") }, findings) : null,
    isChosen ? detail(state.detail, card, { t, ask }) : null,
  );
}

function handle(card, t, carrying, hint) {
  const button = h(
    "button",
    {
      type: "button",
      class: "oppnb-handle",
      "aria-label": t("move", { stage: card.label, place: card.place }),
      "aria-describedby": hint,
      "aria-pressed": "false",
      data: { focus: `handle-${card.key}` },
    },
    s("svg", { width: 12, height: 18, viewBox: "0 0 12 18", "aria-hidden": "true" }, dots()),
  );
  carrying.take(button, card);
  return button;
}

function dots() {
  return [3, 9, 15].flatMap((y) => [3, 9].map((x) => s("circle", { cx: x, cy: y, r: 1.6, fill: "currentColor" })));
}

function name(card, t) {
  const other = card.label === card.name ? null : h("span", { class: "oppnb-quiet" }, card.name);
  const changed = card.is_changed ? h("span", { class: "oppnb-mark" }, t("is_changed")) : null;
  const limits = card.limits ? h("div", { class: "oppnb-quiet" }, card.limits) : null;
  const first = h("div", { class: "oppnb-stage-title" }, h("span", { class: "oppnb-place" }, String(card.place)), h("strong", {}, card.label), other, changed);
  return h("div", { class: "oppnb-stage-name" }, first, limits);
}

function odds(card, t, ask) {
  const input = textInput({
    value: card.odds,
    focus: `odds-${card.key}`,
    label: t("set_odds_of", { stage: card.label }),
    mode: "decimal",
    onChange: (text) => ask("write_stage", { stage: card.key, field: "odds", text }),
  });
  const caption = h("span", { class: "oppnb-caption", "aria-hidden": "true" }, t("set_odds"));
  return h("div", { class: "oppnb-stage-odds" }, caption, h("span", { class: "oppnb-field oppnb-percent" }, input, h("span", { "aria-hidden": "true" }, t("percent"))));
}

function observed(card, t, ask) {
  const seen = card.observed;
  if (!seen) return h("div", { class: "oppnb-stage-observed" });
  const take = seen.take
    ? h(
        "button",
        {
          type: "button",
          class: "oppnb-press oppnb-take",
          "aria-label": t("take_of", { stage: card.label, odds: seen.take }),
          data: { focus: `take-${card.key}` },
          on: { click: () => ask("take_observed", { stage: card.key }) },
        },
        t("take", { odds: seen.take }),
      )
    : null;
  return h(
    "div",
    { class: `oppnb-stage-observed${seen.is_off ? " oppnb-off" : ""}` },
    h(
      "div",
      { class: "oppnb-values" },
      h("span", { class: "oppnb-caption" }, t("observed")),
      h("strong", {}, seen.text),
      h("span", { class: "oppnb-quiet" }, seen.note),
    ),
    seen.at === null ? null : strip(card, seen),
    take,
  );
}

// Observed odds (dot, interval) and set odds (diamond) on a line from 0 to 100 %.
function strip(card, seen) {
  const at = (share) => 6 + share * 148;
  const set = card.at;
  const mark = set === null ? null : s("path", { class: "oppnb-set", d: `M${at(set)} 3l5 6l-5 6l-5 -6z` });
  return s(
    "svg",
    { class: "oppnb-strip", width: 160, height: 18, viewBox: "0 0 160 18", role: "img", "aria-label": seen.words },
    s("line", { class: "oppnb-scale", x1: at(0), x2: at(1), y1: 9, y2: 9 }),
    s("line", { class: "oppnb-interval", x1: at(seen.low), x2: at(seen.high), y1: 9, y2: 9 }),
    s("circle", { class: "oppnb-dot", cx: at(seen.at), cy: 9, r: 4 }),
    mark,
  );
}

function editButton(card, isChosen, t, ask) {
  return h(
    "button",
    {
      type: "button",
      class: "oppnb-press oppnb-edit",
      "aria-expanded": String(isChosen),
      "aria-label": t(isChosen ? "close" : "edit", { stage: card.label }),
      data: { focus: `edit-${card.key}` },
      on: { click: () => ask("choose_stage", { stage: isChosen ? null : card.key }) },
    },
    t(isChosen ? "close_short" : "edit_short"),
  );
}

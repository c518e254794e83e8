import { h, measured, refill } from "../shared/dom.js";
import { barsChart } from "../shared/bars.js";
import { choice, field } from "../shared/controls.js";
import { makeTable } from "../shared/table.js";
import { makeOverrides } from "./overrides.js";
import { pastChart } from "./past.js";
import { plainTable } from "./plain.js";
import { makeTree } from "./tree.js";

// What stands behind the tabs; each is made once and drawn when Python sends its content.
export function makePanel({ t, ask, say }) {
  const element = h("div", { class: "oppnb-behind-tab" });
  const made = {
    changed: makeChanged({ t, ask }),
    tree: makeTree({ t, ask }),
    deals: makeDeals({ t, ask }),
    overrides: makeOverrides({ t, ask, say }),
    compare: makeCompare({ t }),
    past: makePast({ t }),
  };
  let shown = null;
  return {
    element,
    draw(state) {
      const panel = made[state.tab];
      if (shown !== state.tab) element.replaceChildren(panel.element);
      shown = state.tab;
      panel.draw(state.panel, state);
    },
    stop: () => Object.values(made).forEach((panel) => panel.stop?.()),
  };
}

function makeChanged({ t, ask }) {
  let spec = null;
  const title = h("h4", {});
  const controls = h("div", { class: "oppnb-controls" });
  const empty = h("p", { class: "oppnb-quiet" });
  const chart = measured((width) => (spec?.chart ? barsChart(spec.chart, width, { label: spec.title }) : null));
  return {
    element: h("div", {}, title, empty, controls, chart.element),
    draw(next) {
      spec = next;
      title.textContent = next.title ?? "";
      title.hidden = !next.title;
      empty.textContent = next.empty ?? "";
      empty.hidden = !next.empty;
      const by = next.options
        ? choice({ options: next.options, value: next.by, focus: "steps", onChange: (key) => ask("choose_steps", { by: key }) })
        : null;
      refill(controls, by ? field(t("steps_by"), by) : null);
      chart.element.hidden = !next.chart;
      chart.redraw();
    },
    stop: chart.stop,
  };
}

function makeDeals({ t, ask }) {
  const pick = (key) => ask("choose_deals_of_table", { opportunity_ids: picked === key ? [] : [key] });
  let picked = null;
  const table = makeTable({ t, ask, label: t("deals"), onChoose: pick });
  return {
    element: table.element,
    draw(spec, state) {
      picked = state.picked[0] ?? null;
      table.update(spec.table, { label: t("deals"), picked: state.picked });
    },
  };
}

function makeCompare({ t }) {
  let spec = null;
  const chart = measured((width) => (spec ? barsChart(spec.chart, width, { label: t("bars") }) : null));
  const table = h("div", {});
  return {
    element: h("div", {}, chart.element, table),
    draw(next) {
      spec = next;
      chart.redraw();
      refill(table, plainTable(next, t("compare")));
    },
    stop: chart.stop,
  };
}

function makePast({ t }) {
  let spec = null;
  const title = h("h4", {});
  const said = h("div", {});
  const legend = h("p", { class: "oppnb-legend" });
  const chart = measured((width) => (spec?.points ? pastChart(spec, width, t("past")) : null));
  const table = h("div", {});
  const key = (kind, text) => h("span", {}, h("i", { class: `oppnb-key oppnb-key-${kind}`, "aria-hidden": "true" }), text);
  return {
    element: h("div", {}, title, legend, chart.element, said, table),
    draw(next) {
      spec = next;
      title.textContent = next.title ?? next.empty;
      refill(said, next.said.map((one) => h("p", {}, one)));
      refill(legend, next.points ? [key("main", t("said")), key("target", t("came"))] : null);
      chart.element.hidden = !next.points;
      chart.redraw();
      const counted = next.counted ? h("p", { class: "oppnb-quiet" }, next.counted) : null;
      refill(table, counted, next.rows ? plainTable(next, t("past")) : null);
    },
    stop: chart.stop,
  };
}

import { h, measured, refill } from "../shared/dom.js";
import { reliabilityChart } from "../shared/reliability.js";
import { figure, smallTable } from "./parts.js";

const quiet = (text) => (text ? h("p", { class: "oppnb-quiet" }, text) : null);

// What was stated against what was observed.
export function reliabilityPanel({ t }) {
  let told = null;
  const chart = measured((width) => (told?.chart ? reliabilityChart(told.chart, width, { label: t("reliability_chart") }) : null));
  const above = h("div", {});
  const below = h("div", {});
  const draw = (state) => {
    told = state.reliability;
    refill(above, told.title ? h("h4", {}, told.title) : null, quiet(told.lead));
    const list = told.rows ? h("ul", {}, told.rows.map((text) => h("li", {}, text))) : null;
    refill(below, quiet(told.note), list ? h("details", {}, h("summary", {}, t("history_list")), list) : null);
    chart.redraw();
  };
  return { element: h("div", { class: "oppnb-model" }, above, chart.element, below), draw, stop: chart.stop };
}

// Verdict, headline measures, every model.
export function cardPanel({ t }) {
  const element = h("div", { class: "oppnb-model" });
  const draw = ({ card }) => {
    refill(
      element,
      quiet(card.note),
      card.verdict ? h("p", { class: "oppnb-verdict" }, card.verdict) : null,
      (card.points ?? []).map((text) => h("p", {}, text)),
      card.measures.length ? h("dl", { class: "oppnb-values" }, card.measures.map(figure)) : null,
      card.facts.length ? h("dl", { class: "oppnb-facts" }, card.facts.map((one) => h("div", {}, h("dt", {}, one.label), h("dd", {}, one.text)))) : null,
      card.models ? [h("h4", {}, t("card_models")), smallTable(card.models.columns, card.models.rows, { numbers: [2, 3, 4, 5], label: t("card_models") })] : null,
    );
  };
  return { element, draw };
}

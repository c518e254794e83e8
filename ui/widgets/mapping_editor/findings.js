import { h } from "../shared/dom.js";

// What the audit finds now, beside what it found under the mapping as saved.
export function drawFindings(state, t) {
  const heading = h("h4", {}, t("findings"));
  if (state.problem && !state.findings.length) return [];
  if (!state.findings.length) return [heading, h("p", { class: "oppnb-quiet" }, t("no_findings"))];
  const columns = ["finding", "finding_table", "finding_before", "finding_rows", "finding_share", "finding_keys", "finding_change"];
  const head = h("tr", {}, columns.map((name, at) => h("th", { scope: "col", class: at > 1 && at < 5 ? "oppnb-number" : "" }, t(name))));
  const rows = state.findings.map((one) =>
    h("tr", { class: `oppnb-finding oppnb-is-${one.change || "same"}` },
      h("td", {}, one.rule), h("td", {}, one.table),
      h("td", { class: "oppnb-number" }, one.before), h("td", { class: "oppnb-number" }, one.rows),
      h("td", { class: "oppnb-number" }, one.share), h("td", {}, one.keys), h("td", {}, one.said)));
  const table = h("table", { class: "oppnb-plain", "aria-label": t("findings") }, h("thead", {}, head), h("tbody", {}, rows));
  return [heading, h("div", { class: "oppnb-wide", tabindex: "0", role: "region", "aria-label": t("findings"), data: { focus: "findings" } }, table)];
}

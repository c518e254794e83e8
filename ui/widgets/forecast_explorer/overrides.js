import { h, refill, uid } from "../shared/dom.js";
import { choice, field } from "../shared/controls.js";
import { plainTable } from "./plain.js";

const FIGURES = ["amount", "chance", "expected_close_on"];

// The form for a number of one's own, and what people said beside the model. What is typed stays until it is added.
export function makeOverrides({ t, ask, say }) {
  const form = h("form", { class: "oppnb-controls", "aria-label": t("add_override") });
  const typed = { deal: "", figure: "amount", value: "", who: "", why: "", day: "" };
  const missing = h("p", { class: "oppnb-quiet" });
  const told = h("p", { class: "oppnb-quiet", role: "status" });
  const lines = h("div", {});
  const table = h("div", {});
  let spec = null;

  const input = (name, props) => {
    const made = h("input", { type: "text", value: typed[name], data: { focus: `said-${name}` }, ...props });
    made.addEventListener("input", () => {
      typed[name] = made.value;
    });
    made.addEventListener("keydown", (event) => event.stopPropagation());
    return made;
  };
  const draw = () => {
    const part = { key: "", label: t("of_part", { node: spec.node }) };
    const of = choice({
      options: [part, ...spec.deals],
      value: typed.deal,
      focus: "said-of",
      onChange: (key) => {
        typed.deal = key;
        if (!key) typed.figure = "amount";
        draw();
      },
    });
    const figures = (typed.deal ? FIGURES : ["amount"]).map((key) => ({ key, label: t(`figure_${key}`) }));
    const what = choice({
      options: figures,
      value: typed.figure,
      focus: "said-figure",
      onChange: (key) => {
        typed.figure = key;
        typed.value = "";
        draw();
      },
    });
    const kind = typed.figure === "expected_close_on" ? { type: "date" } : { inputmode: "decimal" };
    const add = h("button", { type: "submit", class: "oppnb-button", id: uid("add"), data: { focus: "said-add" } }, t("add"));
    refill(
      form,
      field(t("of"), of),
      field(t("figure_what"), what),
      field(t("value"), input("value", kind)),
      field(t("why"), input("why", { maxlength: 400, size: 28 })),
      field(t("who"), input("who", { maxlength: 80, size: 10 })),
      field(t("day"), input("day", { type: "date" })),
      add,
    );
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const done = () => {
      typed.value = "";
      typed.why = "";
      told.textContent = t("added");
      say(told.textContent);
      draw();
    };
    told.textContent = "";
    ask("add_override", { ...typed }).then(done, () => {});
  });
  return {
    element: h("div", {}, h("h4", {}, t("add_override")), missing, form, told, h("h4", {}, t("people")), lines, table),
    draw(next) {
      spec = next;
      typed.who ||= next.who;
      typed.day ||= next.day;
      if (typed.deal && !next.deals.some((one) => one.key === typed.deal)) typed.deal = "";
      missing.textContent = next.has_store ? "" : t("no_store");
      missing.hidden = next.has_store;
      form.hidden = !next.has_store;
      draw();
      refill(lines, next.lines.map((one) => h("p", {}, one)));
      refill(table, next.rows.length ? plainTable(next, t("people")) : null);
    },
  };
}

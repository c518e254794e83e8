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
  const taking = makeTaking({ t, ask, who: () => typed.who, done });
  let spec = null;

  function done(words) {
    told.textContent = words;
    say(words);
  }
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
    const add = h("button", { type: "submit", class: "oppnb-press", id: uid("add"), data: { focus: "said-add" } }, t("add"));
    refill(
      form,
      field(t("of"), of),
      field(t("figure_what"), what),
      field(t(kind.type ? "figure_expected_close_on" : "value"), input("value", kind)),
      field(t("why"), input("why", { maxlength: 400, size: 28 })),
      field(t("who"), input("who", { maxlength: 80, size: 10 })),
      field(t("day"), input("day", { type: "date" })),
      add,
    );
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const added = () => {
      typed.value = "";
      typed.why = "";
      done(t("added"));
      draw();
    };
    told.textContent = "";
    ask("add_override", { ...typed }).then(added, () => {});
  });
  return {
    element: h("div", {}, h("h4", {}, t("add_override")), missing, form, told, h("h4", {}, t("people")), lines, taking.element, table),
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
      taking.keep(next.rows);
      refill(table, next.rows.length ? plainTable(next, t("people"), taking.button) : null);
    },
  };
}

// Taking a number back asks for a reason first. {element, button(row), keep(rows)}
function makeTaking({ t, ask, who, done }) {
  const element = h("form", { class: "oppnb-controls oppnb-taking", hidden: true });
  const why = h("input", { type: "text", maxlength: 400, size: 36, data: { focus: "taking-why" } });
  why.addEventListener("keydown", (event) => event.stopPropagation());
  let chosen = null;
  const close = () => {
    chosen = null;
    element.hidden = true;
  };
  const open = (row) => {
    chosen = row;
    why.value = "";
    const of = t("withdraw_of", { of: row.cells[0] });
    const take = h("button", { type: "submit", class: "oppnb-press" }, t("withdraw"));
    const keep = h("button", { type: "button", class: "oppnb-press", on: { click: close } }, t("withdraw_not"));
    element.setAttribute("aria-label", of);
    element.replaceChildren(h("strong", {}, of), field(t("withdraw_why"), why), take, keep);
    element.hidden = false;
    why.focus();
  };
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const taken = () => {
      close();
      done(t("withdrawn"));
    };
    ask("withdraw_override", { override_id: chosen.id, who: who(), why: why.value }).then(taken, () => {});
  });
  const button = (row) => {
    if (!row.id) return null;
    const named = { type: "button", class: "oppnb-press", "aria-label": t("withdraw_of", { of: row.cells[0] }) };
    return h("button", { ...named, data: { focus: `take-${row.id}` }, on: { click: () => open(row) } }, t("withdraw"));
  };
  const keep = (rows) => {
    if (chosen && !rows.some((one) => one.id === chosen.id)) close();
  };
  return { element, button, keep };
}

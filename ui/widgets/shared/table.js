import { h, refill, settled, uid } from "./dom.js";

const ROW = 32;
const PAGE = 50;
const FILTER_MS = 250;

// A table of which Python holds the rows: a page is fetched when it is seen. `spec` is TableView.spec(name).
// makeTable({t, ask, label, onChoose(key)?}) -> {element, update(spec, {label, picked}), focusRow(index)}
// Uses the commands read_rows, sort_rows and filter_rows.
export function makeTable({ t, ask, label, onChoose, height = 336 }) {
  const stem = uid("table");
  const head = h("thead", { role: "rowgroup" });
  const rows = h("tbody", { role: "rowgroup" });
  const grid = h("table", { role: "grid", tabindex: "0", "aria-label": label, "aria-describedby": `${stem}-keys` }, head, rows);
  const box = h("div", { class: "oppnb-sheet", style: `max-height:${height}px` }, grid);
  const count = h("p", { class: "oppnb-count" });
  const keys = h("p", { class: "oppnb-hidden", id: `${stem}-keys` }, t("table_keys"));
  const element = h("div", { class: "oppnb-table" }, box, count, keys);
  const look = { spec: null, pages: new Map(), asked: new Set(), active: 0, picked: new Set(), version: 0 };

  const rowAt = (index) => look.pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  const fetchPage = (page) => {
    if (look.pages.has(page) || look.asked.has(page)) return;
    look.asked.add(page);
    const version = look.version;
    ask("read_rows", { table: look.spec.name, offset: page * PAGE, limit: PAGE })
      .then((got) => {
        if (version !== look.version) return;
        look.pages.set(page, got.rows);
        drawRows();
      })
      .catch(() => look.asked.delete(page));
  };

  const drawRows = () => {
    const { n, columns } = look.spec;
    const tall = head.offsetHeight;
    const first = Math.max(0, Math.floor((box.scrollTop - tall) / ROW) - 8);
    const last = Math.min(n, Math.ceil((box.scrollTop + (box.clientHeight || height)) / ROW) + 8);
    const made = [];
    if (first > 0) made.push(spacer(first, columns.length));
    for (let index = first; index < last; index += 1) {
      if (!rowAt(index)) fetchPage(Math.floor(index / PAGE));
      made.push(oneRow(index, rowAt(index), columns));
    }
    if (last < n) made.push(spacer(n - last, columns.length));
    if (!n) made.push(h("tr", { role: "row" }, h("td", { role: "gridcell", colspan: columns.length }, t("no_rows"))));
    rows.replaceChildren(...made);
    if (n) grid.setAttribute("aria-activedescendant", `${stem}-${look.active}`);
    else grid.removeAttribute("aria-activedescendant");
  };
  const spacer = (n, width) =>
    h("tr", { "aria-hidden": "true", class: "oppnb-space" }, h("td", { colspan: width, style: `height:${n * ROW}px` }));
  const oneRow = (index, row, columns) => {
    const picked = row && look.picked.has(row[0]);
    const classes = [index === look.active ? "oppnb-active" : "", onChoose ? "oppnb-pick" : ""].join(" ");
    const cells = columns.map((column, at) =>
      h("td", { role: "gridcell", class: `oppnb-${column.kind}`, title: row?.[at + 1] }, row ? row[at + 1] : t("loading")),
    );
    const props = { id: `${stem}-${index}`, role: "row", class: classes, "aria-rowindex": index + 2 };
    if (onChoose) props["aria-selected"] = String(Boolean(picked));
    return h("tr", { ...props, on: { click: () => choose(index) } }, cells);
  };

  const choose = (index) => {
    look.active = index;
    drawRows();
    if (onChoose && rowAt(index)) onChoose(rowAt(index)[0]);
  };
  const move = (index) => {
    look.active = Math.max(0, Math.min(look.spec.n - 1, index));
    const top = look.active * ROW;
    const tall = head.offsetHeight;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + ROW + tall > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW + tall - box.clientHeight;
    drawRows();
  };
  grid.addEventListener("keydown", (event) => {
    if (event.target !== grid || !look.spec.n) return;
    const page = Math.max(1, Math.floor(box.clientHeight / ROW) - 2);
    const to = {
      ArrowDown: look.active + 1,
      ArrowUp: look.active - 1,
      PageDown: look.active + page,
      PageUp: look.active - page,
      Home: 0,
      End: look.spec.n - 1,
    }[event.key];
    if (to !== undefined) move(to);
    else if (event.key === "Enter" || event.key === " ") choose(look.active);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  box.addEventListener("scroll", () => requestAnimationFrame(drawRows), { passive: true });

  const header = (column) => {
    const isSorted = look.spec.sort_by === column.key;
    const order = isSorted ? (look.spec.descending ? "descending" : "ascending") : "none";
    const next = () => ({
      table: look.spec.name,
      column: isSorted && look.spec.descending === (column.kind !== "number") ? null : column.key,
      descending: isSorted ? !look.spec.descending : column.kind === "number",
    });
    const arrow = h("span", { "aria-hidden": "true" }, isSorted ? (look.spec.descending ? " ↓" : " ↑") : "");
    const props = { type: "button", title: t("sort_by", { column: column.label }), data: { focus: `sort-${column.key}` } };
    const button = h("button", { ...props, on: { click: () => ask("sort_rows", next()) } }, column.label, arrow);
    return h("th", { role: "columnheader", scope: "col", "aria-sort": order, class: `oppnb-${column.kind}` }, button);
  };
  const filter = (column) => {
    const tell = settled((text) => ask("filter_rows", { table: look.spec.name, column: column.key, text }), FILTER_MS);
    const input = h("input", {
      type: "search",
      value: look.spec.filters[column.key] ?? "",
      placeholder: column.hint ?? t(`filter_${column.kind}`),
      "aria-label": t("filter_by", { column: column.label }),
      data: { focus: `filter-${column.key}` },
      on: {
        input: () => tell(input.value),
        keydown: (event) => {
          event.stopPropagation();
          if (event.key === "Enter") tell.now(input.value);
        },
      },
    });
    return h("td", { role: "gridcell", class: `oppnb-${column.kind}` }, input);
  };

  const update = (spec, { label: named, picked = [] } = {}) => {
    const before = look.spec;
    look.spec = spec;
    look.picked = new Set(picked);
    // the same stamp says that the same rows are meant: what was read already stays
    if (!before || spec.stamp === undefined || spec.stamp !== before.stamp) {
      look.version += 1;
      look.asked.clear();
      look.pages = new Map([[0, spec.rows]]);
    }
    if (named) grid.setAttribute("aria-label", named);
    const isOther = before && JSON.stringify([before.n, before.rows]) !== JSON.stringify([spec.n, spec.rows]);
    if (isOther) {
      look.active = 0;
      box.scrollTop = 0;
    }
    grid.setAttribute("aria-rowcount", spec.n + 2);
    const typing = head.contains(document.activeElement) && document.activeElement.tagName === "INPUT";
    const typed = typing ? document.activeElement.value : null;
    refill(
      head,
      h("tr", { role: "row" }, spec.columns.map(header)),
      h("tr", { role: "row", class: "oppnb-filters" }, spec.columns.map(filter)),
    );
    if (typing && head.contains(document.activeElement)) document.activeElement.value = typed;
    const shown = spec.n === spec.total ? (spec.n === 1 ? t("one_row") : t("n_rows", { n: spec.n.toLocaleString("en") })) : null;
    count.textContent = shown ?? t("n_of_rows", { n: spec.n.toLocaleString("en"), total: spec.total.toLocaleString("en") });
    drawRows();
  };
  return { element, update, focusRow: (index) => move(index) };
}

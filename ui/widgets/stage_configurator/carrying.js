// Cards are carried by pointer (mouse, pen, finger) or by keys. Returns {take(handle, card), isBusy()}.
// `onDrop(key, place)` is told when a card was dropped elsewhere, `onEnd()` whenever carrying is over.
export function makeCarrying(list, { t, say, onDrop, onEnd }) {
  let held = null;
  const cards = () => [...list.children];
  const placeOf = (item) => cards().indexOf(item) + 1;
  const within = (item, place) => Math.min(Math.max(place, Number(item.dataset.first)), Number(item.dataset.last));

  // The neighbour moves, not the card: so its handle keeps the focus.
  const passNeighbour = (item, by) => {
    if (by > 0) list.insertBefore(item.nextElementSibling, item);
    else item.after(item.previousElementSibling);
  };

  const end = () => {
    if (!held) return;
    const { item, handle } = held;
    held = null;
    item.classList.remove("oppnb-carried");
    handle.setAttribute("aria-pressed", "false");
    cards().forEach((one) => {
      one.style.transform = "";
    });
    list.classList.remove("oppnb-carrying");
  };

  const begin = (handle, card, more) => {
    const item = handle.closest("li");
    held = { handle, item, card, from: placeOf(item), to: placeOf(item), ...more };
    item.classList.add("oppnb-carried");
    list.classList.add("oppnb-carrying");
    handle.setAttribute("aria-pressed", "true");
  };

  const drop = () => {
    const { card, from, to } = held;
    end();
    if (from !== to) {
      say(t("dropped", { stage: card.label, place: to }));
      onDrop(card.key, to);
    }
    onEnd();
  };

  const putBack = () => {
    const { item, from, card, byKeys } = held;
    while (byKeys && placeOf(item) !== from) passNeighbour(item, placeOf(item) < from ? 1 : -1);
    end();
    say(t("put_back", { stage: card.label }));
    onEnd();
  };

  // --- keys
  const step = (by) => {
    const { item, card } = held;
    const to = within(item, placeOf(item) + by);
    if (to === placeOf(item)) return;
    passNeighbour(item, by);
    held.to = to;
    item.scrollIntoView({ block: "nearest" });
    say(t("carried", { place: to, last: card.last }));
  };

  const onKey = (event, handle, card) => {
    const isHeld = held?.byKeys && held.handle === handle;
    const isGrip = event.key === "Enter" || event.key === " ";
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!isGrip && !(isHeld && (by || event.key === "Escape"))) return;
    event.preventDefault();
    event.stopPropagation();
    if (isGrip && isHeld) drop();
    else if (isGrip && !held) {
      begin(handle, card, { byKeys: true });
      say(t("lifted", { stage: card.label, place: held.from }));
    } else if (event.key === "Escape") putBack();
    else if (by) step(by);
  };

  // --- pointer
  const onDown = (event, handle, card) => {
    if (event.button !== 0 || held) return;
    event.preventDefault();
    handle.focus({ preventScroll: true });
    handle.setPointerCapture(event.pointerId);
    const boxes = cards().map((one) => one.getBoundingClientRect());
    begin(handle, card, { boxes, startY: event.clientY, top: list.getBoundingClientRect().top });
  };

  const onMove = (event) => {
    if (!held?.boxes) return;
    const scrolled = held.top - list.getBoundingClientRect().top;
    const { boxes, from, item, startY } = held;
    const moved = event.clientY + scrolled - startY;
    // a neighbour makes way once the card's leading edge has passed its middle
    const edge = moved > 0 ? boxes[from - 1].bottom + moved : boxes[from - 1].top + moved;
    const passed = boxes.filter((box, at) => at !== from - 1 && (box.top + box.bottom) / 2 < edge).length;
    held.to = within(item, passed + 1);
    const gap = boxes.length > 1 ? Math.max(boxes[1].top - boxes[0].bottom, 0) : 0;
    const tall = boxes[from - 1].height + gap;
    cards().forEach((one, at) => {
      const place = at + 1;
      const isBetweenDown = place > from && place <= held.to;
      const isBetweenUp = place < from && place >= held.to;
      const by = one === item ? moved : isBetweenDown ? -tall : isBetweenUp ? tall : 0;
      one.style.transform = by ? `translateY(${by}px)` : "";
    });
  };

  const onUp = () => {
    if (held?.boxes) drop();
  };

  return {
    isBusy: () => held !== null,
    take(handle, card) {
      handle.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && held?.boxes) putBack();
        else onKey(event, handle, card);
      });
      handle.addEventListener("blur", () => {
        if (held?.byKeys && held.handle === handle) putBack();
      });
      handle.addEventListener("pointerdown", (event) => onDown(event, handle, card));
      handle.addEventListener("pointermove", onMove);
      handle.addEventListener("pointerup", onUp);
      handle.addEventListener("pointercancel", () => {
        if (held?.boxes) putBack();
      });
    },
  };
}

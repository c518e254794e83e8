const REST_MS = 300;

// Sliders to Python and back, never more than one question at a time: while one is open only the latest is kept.
// `show(frame)` draws what comes back; when nothing has moved for a while Python draws the rest.
export function makeMoves({ ask, show, rested }) {
  let seq = 0;
  let open = false;
  let next = null;
  let timer = 0;

  const rest = () => {
    timer = 0;
    const at = seq;
    const done = () => {
      if (at === seq) rested();
    };
    ask("rest", { seq: at }).then(done, () => {});
  };
  const send = () => {
    if (open || !next) return;
    const { command, args, begun } = next;
    next = null;
    open = true;
    const answered = (frame) => {
      open = false;
      if (frame) {
        show(frame);
        performance.measure("oppnb-move", { start: begun, end: performance.now() });
      }
      if (next) send();
      else timer = setTimeout(rest, REST_MS);
    };
    ask(command, { ...args, seq }).then(answered, () => answered(null));
  };
  const move = (command, args) => {
    seq += 1;
    clearTimeout(timer);
    timer = 0;
    next = { command, args, begun: performance.now() };
    send();
  };
  return {
    lever: (lever, value) => move("move_lever", { lever, value }),
    target: (value) => move("move_target", { value }),
    isMoving: () => open || next !== null || timer !== 0,
    stop: () => clearTimeout(timer),
  };
}

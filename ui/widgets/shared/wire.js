const LATE_MS = 10000;

// The only way to Python. `traits` and `commands` are the names that may be used; a test holds them against Python's.
// {get(trait), on(trait, listener), ask(command, args) -> Promise, onLost(listener), stop()}
export function connect(model, { traits, commands }) {
  const waiting = new Map();
  const bound = [];
  const lostListeners = [];
  let calls = 0;
  let timer = 0;

  const listen = (event, listener) => {
    model.on(event, listener);
    bound.push([event, listener]);
  };
  const checkTrait = (name) => {
    if (!traits.includes(name)) throw new Error(`no trait '${name}'`);
  };
  const tell = (how) => lostListeners.forEach((listener) => listener(how));
  const watch = () => {
    clearTimeout(timer);
    // while the kernel says that it works, an answer may take longer
    if (waiting.size) timer = setTimeout(() => (model.get("busy") ? watch() : tell("lost")), LATE_MS);
    else tell(null);
  };

  listen("msg:custom", (message) => {
    const call = waiting.get(message?.answer);
    if (!call) return;
    waiting.delete(message.answer);
    watch();
    if (message.failed) call.reject(new Error(model.get("error") || "failed")); // the words came before the answer
    else call.resolve(message.result ?? null);
  });
  listen("comm:close", () => tell("gone"));
  listen("comm_live_update", () => tell(model.comm_live === false ? "gone" : null));

  return {
    get(name) {
      checkTrait(name);
      return model.get(name);
    },
    on(name, listener) {
      checkTrait(name);
      listen(`change:${name}`, () => listener(model.get(name)));
    },
    ask(name, args = {}) {
      if (!commands.includes(name)) throw new Error(`no command '${name}'`);
      calls += 1;
      const call = calls;
      const answer = new Promise((resolve, reject) => waiting.set(call, { resolve, reject }));
      answer.catch(() => {});
      try {
        model.send({ do: name, call, with: args });
        watch();
      } catch {
        waiting.delete(call);
        tell("gone");
      }
      return answer;
    },
    onLost: (listener) => lostListeners.push(listener),
    stop() {
      clearTimeout(timer);
      bound.forEach(([event, listener]) => model.off(event, listener));
    },
  };
}

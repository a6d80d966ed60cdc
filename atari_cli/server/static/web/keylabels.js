// The labels on the keys of this keyboard: keys are named by their place on an American one.

const printed = new Map(["KeyW", "KeyA", "KeyS", "KeyD"].map(code => [code, code.at(-1)]));

/** Return the label on a key; undefined if the browser has not reported it. */
export const label = code => printed.get(code);

/** Call `changed()` whenever more is known of the keyboard. */
export function learn(changed) {
  const take = (code, key) => {
    const letter = key.toUpperCase();
    if (!printed.has(code) || [...letter].length !== 1 || printed.get(code) === letter) return;
    printed.set(code, letter);
    changed();
  };
  // Only some browsers report it, and only to pages that came over https or from this machine.
  navigator.keyboard?.getLayoutMap().then(
    layout => {
      for (const [code, key] of layout) take(code, key);
    },
    () => {},
  );
  addEventListener("keydown", event => event.shiftKey || event.altKey || take(event.code, event.key), true);
}

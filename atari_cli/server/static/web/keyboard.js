// Keys: those of the joystick, and the commands of the page.

import {DOWN, FIRE, LEFT, RIGHT, UP} from "./controls.js";

const JOYSTICK = {
  ArrowUp: UP,
  KeyW: UP,
  ArrowDown: DOWN,
  KeyS: DOWN,
  ArrowLeft: LEFT,
  KeyA: LEFT,
  ArrowRight: RIGHT,
  KeyD: RIGHT,
  Space: FIRE,
  KeyX: FIRE,
};

const SCROLLS = /^(Arrow|Page|Home|End|Space)/;

/** Return whether a key belongs to the focused element, such as a text field. */
function isTaken(event) {
  const {target} = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  if (target.closest("input:not([type=checkbox]), textarea, select, dialog")) return true;
  if (event.code.startsWith("Arrow") && target.closest("[role=tablist]")) return true;
  if (SCROLLS.test(event.code) && target.matches("pre, [role=tabpanel]")) return true;
  const presses = event.code === "Space" || event.code === "Enter";
  return presses && Boolean(target.closest("button, a, summary, input, label"));
}

/** Return the command of a key: by its letter, or by its place where it has no Latin one. */
function commandOf(event, commands) {
  const isLatin = /^[a-z]$/i.test(event.key);
  return commands[isLatin ? `Key${event.key.toUpperCase()}` : event.code];
}

/** Return the focus to the game after a mouse or a finger has used one of its tools. */
export function handBack(tools, screen) {
  let pointed = false;
  tools.addEventListener("pointerdown", () => (pointed = true));
  tools.addEventListener("keydown", () => (pointed = false));
  const done = () => pointed && screen.focus({preventScroll: true});
  tools.addEventListener("change", done);
  tools.addEventListener("click", event => event.target.closest("button, input") && done()); // a list is only open
}

/** Listen while `isPlaying()`; `commands` maps a key to a function. */
export function listen(controls, commands, isPlaying) {
  const pressed = new Set();
  addEventListener("keydown", event => {
    if (!isPlaying() || isTaken(event)) return;
    const way = JOYSTICK[event.code];
    const command = way ? null : commandOf(event, commands);
    if (!way && !command) return;
    event.preventDefault();
    if (event.repeat) return;
    if (command) return command();
    pressed.add(event.code);
    controls.hold(event.code, way);
  });
  addEventListener("keyup", event => pressed.delete(event.code) && controls.hold(event.code, 0));
  addEventListener("blur", () => {
    pressed.clear();
    controls.release();
  });
}

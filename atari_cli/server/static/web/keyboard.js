// Keys: those of the joystick, and those that do something to the page.

import {DOWN, FIRE, LEFT, RIGHT, UP} from "./controls.js";

const JOYSTICK = {
  ArrowUp: UP, KeyW: UP, ArrowDown: DOWN, KeyS: DOWN, ArrowLeft: LEFT, KeyA: LEFT,
  ArrowRight: RIGHT, KeyD: RIGHT, Space: FIRE, KeyX: FIRE,
};

/** Whether a key belongs to what has the focus, such as a field that is typed into. */
function isTaken(event) {
  const {target} = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  if (target.closest("input:not([type=checkbox]), textarea, select, dialog")) return true;
  if (event.code.startsWith("Arrow") && target.closest("[role=tablist]")) return true;
  const presses = event.code === "Space" || event.code === "Enter";
  return presses && Boolean(target.closest("button, a, summary, input, label"));
}

/** Give the keys back to the game after a mouse or a finger has used one of its tools. */
export function handBack(tools, screen) {
  let pointed = false;
  tools.addEventListener("pointerdown", () => pointed = true);
  tools.addEventListener("keydown", () => pointed = false);
  const done = () => pointed && screen.focus({preventScroll: true});
  tools.addEventListener("change", done);
  tools.addEventListener("click", event => event.target.closest("button, input") && done()); // a list is only open
}

/** Listen while `isPlaying()`; `commands` maps a key's code to what it does. */
export function listen(controls, commands, isPlaying) {
  const pressed = new Set();
  const tell = () => controls.hold("keys", [...pressed].reduce((held, code) => held | JOYSTICK[code], 0));
  addEventListener("keydown", event => {
    if (!isPlaying() || isTaken(event)) return;
    const command = commands[event.code];
    if (!(event.code in JOYSTICK) && !command) return;
    event.preventDefault();
    if (event.repeat) return;
    if (command) return command();
    pressed.add(event.code);
    tell();
  });
  addEventListener("keyup", event => pressed.delete(event.code) && tell());
  addEventListener("blur", () => {
    pressed.clear();
    controls.release();
  });
}

// Score, lives, frame, pictures per second, and the joystick.

import {DOWN, FIRE, heldBy, LEFT, NAMES, RIGHT, UP} from "./controls.js";
import {$} from "./dom.js";

const TILT = 20;

/** Show the numbers of a frame. */
export function show({score, lives, frame, action}) {
  write($("score"), String(score));
  write($("lives"), String(lives));
  write($("frame"), String(frame));
  tilt(action);
}

/** Show how many pictures a second are drawn. */
export function showRate(rate) {
  write($("rate"), String(rate));
}

function tilt(code) {
  if (!write($("action"), NAMES[code])) return;
  const held = heldBy(code);
  const x = TILT * (Boolean(held & RIGHT) - Boolean(held & LEFT));
  const y = TILT * (Boolean(held & DOWN) - Boolean(held & UP));
  const [line, knob] = $("lever").children;
  line.setAttribute("x2", x);
  line.setAttribute("y2", y);
  knob.setAttribute("cx", x);
  knob.setAttribute("cy", y);
  $("lever").classList.toggle("fire-held", Boolean(held & FIRE));
}

/** Write a text if it differs; return whether it does. */
function write(element, text) {
  const changed = element.textContent !== text;
  if (changed) element.textContent = text;
  return changed;
}

// Gamepads, read at each picture of the display while one is connected.

import {DOWN, FIRE, LEFT, RIGHT, UP} from "./controls.js";

const DEAD_ZONE = 0.3;

function heldBy(pad) {
  const [x = 0, y = 0] = pad.axes;
  const pressed = number => Boolean(pad.buttons[number]?.pressed);
  return (
    ((y < -DEAD_ZONE || pressed(12)) && UP) |
    ((y > DEAD_ZONE || pressed(13)) && DOWN) |
    ((x < -DEAD_ZONE || pressed(14)) && LEFT) |
    ((x > DEAD_ZONE || pressed(15)) && RIGHT) |
    ((pressed(0) || pressed(1)) && FIRE)
  );
}

/** Let gamepads play; their start button calls `pause`. */
export function listen(controls, pause) {
  let started = false,
    before = 0,
    polling = false;
  const poll = () => {
    const pads = navigator.getGamepads().filter(pad => pad?.connected);
    const held = pads.reduce((all, pad) => all | heldBy(pad), 0);
    if (held !== before) controls.hold("gamepad", held);
    before = held;
    const start = pads.some(pad => pad.buttons[9]?.pressed);
    if (start && !started) pause();
    started = start;
    polling = pads.length > 0;
    if (polling) requestAnimationFrame(poll);
  };
  addEventListener("gamepadconnected", () => polling || poll());
}

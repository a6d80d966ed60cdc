// A stick and a button under the thumbs, and the pointer on the screen as a paddle.

import {DOWN, FIRE, LEFT, RIGHT, UP} from "./controls.js";

const DEAD_ZONE = 0.22;
const OCTANTS = [RIGHT, RIGHT | DOWN, DOWN, DOWN | LEFT, LEFT, LEFT | UP, UP, UP | RIGHT];

/** Call `move(x, y)` with the place of the finger from the middle, -1 to 1; null when it lifts. */
function follow(element, move) {
  const place = event => {
    const box = element.getBoundingClientRect();
    move(2 * (event.clientX - box.left) / box.width - 1, 2 * (event.clientY - box.top) / box.height - 1);
  };
  element.addEventListener("pointerdown", event => {
    event.preventDefault();
    element.setPointerCapture(event.pointerId);
    place(event);
  });
  element.addEventListener("pointermove", event => element.hasPointerCapture(event.pointerId) && place(event));
  for (const end of ["pointerup", "pointercancel"]) element.addEventListener(end, () => move(null));
  element.addEventListener("contextmenu", event => event.preventDefault());
}

/** Let the stick and the button play. */
export function listen(controls, stick, button) {
  const knob = stick.firstElementChild;
  follow(stick, (x, y) => {
    const reach = x === null ? 0 : Math.hypot(x, y);
    const octant = Math.round(4 * Math.atan2(y, x) / Math.PI + 8) % 8;
    const far = Math.min(1, 1 / (reach || 1)) * 34;
    knob.style.translate = x === null ? "" : `${x * far}% ${y * far}%`;
    controls.hold("stick", reach < DEAD_ZONE ? 0 : OCTANTS[octant]);
  });
  follow(button, x => {
    button.classList.toggle("down", x !== null);
    controls.hold("button", x === null ? 0 : FIRE);
  });
}

/** Aim the paddle where the mouse is over the screen, and fire with its button. */
export function aim(controls, canvas, usesPaddle) {
  const place = event => {
    const box = canvas.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  canvas.addEventListener("pointermove", event => usesPaddle() && controls.aim(place(event)));
  canvas.addEventListener("pointerdown", event => {
    canvas.focus({preventScroll: true});
    if (event.button === 0 && event.pointerType === "mouse") controls.hold("mouse", FIRE);
  });
  addEventListener("pointerup", () => controls.hold("mouse", 0));
}

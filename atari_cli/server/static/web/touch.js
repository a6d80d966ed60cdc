// A stick and a button under the thumbs, and the pointer on the screen as a paddle.

import {DOWN, FIRE, LEFT, RIGHT, UP} from "./controls.js";

const DEAD_ZONE = 0.22;
const OCTANTS = [RIGHT, RIGHT | DOWN, DOWN, DOWN | LEFT, LEFT, LEFT | UP, UP, UP | RIGHT];

/** Call `move(x, y)` with the finger's position from the middle, -1 to 1; null when it lifts. */
function follow(element, move) {
  const place = event => {
    const box = element.getBoundingClientRect();
    move((2 * (event.clientX - box.left)) / box.width - 1, (2 * (event.clientY - box.top)) / box.height - 1);
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

/** Connect the stick and the button to the controls. */
export function listen(controls, stick, button) {
  const knob = stick.firstElementChild;
  follow(stick, (x, y) => {
    const reach = x === null ? 0 : Math.hypot(x, y);
    const octant = Math.round((4 * Math.atan2(y, x)) / Math.PI + 8) % 8;
    const far = Math.min(1, 1 / (reach || 1)) * 34;
    knob.style.translate = x === null ? "" : `${x * far}% ${y * far}%`;
    controls.hold("stick", reach < DEAD_ZONE ? 0 : OCTANTS[octant]);
  });
  follow(button, x => {
    button.classList.toggle("down", x !== null);
    controls.hold("button", x === null ? 0 : FIRE);
  });
}

/** Return the paddle's position, 0 to 1, at which its object is under the pointer. */
function place(event, canvas, {axis, first, last}) {
  const box = canvas.getBoundingClientRect();
  const pixel =
    axis === "x"
      ? ((event.clientX - box.left) / box.width) * canvas.width
      : ((event.clientY - box.top) / box.height) * canvas.height;
  return Math.min(1, Math.max(0, (pixel - first) / (last - first)));
}

/** Aim the paddle at the pointer if `paddle()` returns one; the mouse's button fires. */
export function aim(controls, canvas, paddle) {
  canvas.addEventListener("pointermove", event => paddle() && controls.aim(place(event, canvas, paddle())));
  canvas.addEventListener("pointerdown", event => {
    canvas.focus({preventScroll: true});
    if (event.button === 0 && event.pointerType === "mouse") controls.hold("mouse", FIRE);
  });
  addEventListener("pointerup", () => controls.hold("mouse", 0));
}

// The joystick: the held inputs of several devices as one of ALE's 18 actions.

export const UP = 1,
  RIGHT = 2,
  LEFT = 4,
  DOWN = 8,
  FIRE = 16;

export const NAMES = [
  "NOOP",
  "FIRE",
  "UP",
  "RIGHT",
  "LEFT",
  "DOWN",
  "UPRIGHT",
  "UPLEFT",
  "DOWNRIGHT",
  "DOWNLEFT",
  "UPFIRE",
  "RIGHTFIRE",
  "LEFTFIRE",
  "DOWNFIRE",
  "UPRIGHTFIRE",
  "UPLEFTFIRE",
  "DOWNRIGHTFIRE",
  "DOWNLEFTFIRE",
];

/** Return the directions and the button of an action. */
export function heldBy(code) {
  const name = NAMES[code] ?? "NOOP";
  return (
    (name.includes("UP") && UP) |
    (name.includes("RIGHT") && RIGHT) |
    (name.includes("LEFT") && LEFT) |
    (name.includes("DOWN") && DOWN) |
    (name.includes("FIRE") && FIRE)
  );
}

const CODES = new Map(NAMES.map((_, code) => [heldBy(code), code]));

/** Return the action of held inputs; opposite directions cancel each other. */
export function codeOf(held) {
  if (held & UP && held & DOWN) held &= ~(UP | DOWN);
  if (held & LEFT && held & RIGHT) held &= ~(LEFT | RIGHT);
  return CODES.get(held);
}

/** Combines all devices and calls `notify(input)` at each change. */
export class Controls {
  #held = new Map();
  #paddle = null;
  #reported = "";
  code = 0;

  constructor(notify) {
    this.notify = notify;
  }

  /** Set the held input of a device. */
  hold(device, held) {
    this.#held.set(device, held);
    if (held & (LEFT | RIGHT)) this.#paddle = null;
    this.#change();
  }

  /** Set the position of the paddle under a pointer, 0 to 1. */
  aim(place) {
    this.#paddle = place;
    this.#change();
  }

  /** Release all inputs. */
  release() {
    this.#held.clear();
    this.#change();
  }

  /** Report the input again, even if it has not changed. */
  renew() {
    this.#reported = "";
    this.#change();
  }

  #change() {
    const held = [...this.#held.values()].reduce((all, one) => all | one, 0);
    this.code = codeOf(held);
    const input = {code: this.code, paddle: this.#paddle};
    const text = JSON.stringify(input);
    if (text === this.#reported) return;
    this.#reported = text;
    this.notify(input);
  }
}

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
const OPPOSITE = {[UP]: DOWN, [DOWN]: UP, [LEFT]: RIGHT, [RIGHT]: LEFT};

/** Return the action of inputs in the order in which they came; of opposite ones the later counts. */
export function codeOf(inputs) {
  let held = 0;
  for (const input of inputs)
    for (const one of [UP, RIGHT, LEFT, DOWN, FIRE]) if (input & one) held = (held & ~OPPOSITE[one]) | one;
  return CODES.get(held);
}

/** Turn a paddle that moves up and down, as that of Pong: RIGHT is up. */
const upright = held => (held & ~(UP | DOWN)) | (held & UP && RIGHT) | (held & DOWN && LEFT);

/** Combines all devices and calls `notify(input)` at each change. */
export class Controls {
  #held = new Map(); // by device, the last that changed at the end
  #paddle = null;
  #reported = "";
  code = 0;
  isUpright = false;

  constructor(notify) {
    this.notify = notify;
  }

  /** Set the held input of a device, such as a key. */
  hold(device, held) {
    const turned = this.isUpright ? upright(held) : held;
    this.#held.delete(device);
    if (held) this.#held.set(device, turned);
    if (turned & (LEFT | RIGHT)) this.#paddle = null;
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
    this.code = codeOf(this.#held.values());
    const input = {code: this.code, paddle: this.#paddle};
    const text = JSON.stringify(input);
    if (text === this.#reported) return;
    this.#reported = text;
    this.notify(input);
  }
}

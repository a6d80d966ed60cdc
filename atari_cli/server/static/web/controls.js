// The joystick: what several devices hold together, as one of ALE's 18 actions.

export const UP = 1, RIGHT = 2, LEFT = 4, DOWN = 8, FIRE = 16;

export const NAMES = [
  "NOOP", "FIRE", "UP", "RIGHT", "LEFT", "DOWN", "UPRIGHT", "UPLEFT", "DOWNRIGHT", "DOWNLEFT",
  "UPFIRE", "RIGHTFIRE", "LEFTFIRE", "DOWNFIRE", "UPRIGHTFIRE", "UPLEFTFIRE", "DOWNRIGHTFIRE",
  "DOWNLEFTFIRE",
];

/** Return the directions and the button that an action holds. */
export function heldBy(code) {
  const name = NAMES[code] ?? "NOOP";
  return (name.includes("UP") && UP) | (name.includes("RIGHT") && RIGHT)
    | (name.includes("LEFT") && LEFT) | (name.includes("DOWN") && DOWN)
    | (name.includes("FIRE") && FIRE);
}

const CODES = new Map(NAMES.map((_, code) => [heldBy(code), code]));

/** Return the action that holds these; opposite directions cancel each other. */
export function codeOf(held) {
  if (held & UP && held & DOWN) held &= ~(UP | DOWN);
  if (held & LEFT && held & RIGHT) held &= ~(LEFT | RIGHT);
  return CODES.get(held);
}

/** All devices act together; whoever listens is told of each change. */
export class Controls {
  #held = new Map();
  #paddle = null;
  #told = "";
  code = 0;

  constructor(tell) {
    this.tell = tell;
  }

  /** Say what a device holds now. */
  hold(device, held) {
    this.#held.set(device, held);
    if (held & (LEFT | RIGHT)) this.#paddle = null;
    this.#change();
  }

  /** Say where a pointer holds the paddle, 0 to 1. */
  aim(place) {
    this.#paddle = place;
    this.#change();
  }

  /** Let everything go. */
  release() {
    this.#held.clear();
    this.#change();
  }

  /** Forget what was told, so that the next change is told whatever it is. */
  renew() {
    this.#told = "";
    this.#change();
  }

  #change() {
    const held = [...this.#held.values()].reduce((all, one) => all | one, 0);
    this.code = codeOf(held);
    const input = {code: this.code, paddle: this.#paddle};
    const text = JSON.stringify(input);
    if (text === this.#told) return;
    this.#told = text;
    this.tell(input);
  }
}

// The effect of each key in the game that is played.

import {DOWN, FIRE, heldBy, LEFT, NAMES, RIGHT, UP} from "./controls.js";
import {$} from "./dom.js";
import {label, learn} from "./keylabels.js";

const WAYS = [
  [LEFT, "←", "KeyA"],
  [UP, "↑", "KeyW"],
  [DOWN, "↓", "KeyS"],
  [RIGHT, "→", "KeyD"],
];
const COMMANDS = [
  ["P", "pauses"],
  ["N", "one frame"],
  ["M", "mutes"],
  ["F2", "a new game"],
];

let shown = null;

/** Show the keys of a game; `paddle` is the track of its paddle, if it has one. */
export function show(game, paddle) {
  shown = {game, paddle};
  const held = game.actions.reduce((all, name) => all | heldBy(NAMES.indexOf(name)), 0);
  const turned = paddle && (paddle.axis === "y" ? UP | DOWN : LEFT | RIGHT);
  const ways = WAYS.filter(([way]) => (turned ?? held) & way);
  const arrows = [...ways.map(([, arrow]) => key(arrow)), "or", ...ways.map(([, , code]) => key(label(code)))];
  const parts = COMMANDS.map(([name, does]) => [key(name), does]);
  if (held & FIRE) parts.unshift([key("Space"), "fires"]);
  if (ways.length) parts.unshift([...arrows, paddle ? "or the pointer move the paddle" : "move"]);
  $("hint").replaceChildren(...parts.flatMap(pieces => [part(pieces), " "]));
}

/** Return an element with words and keys, which are not torn apart at the end of a line. */
function part(pieces) {
  const span = document.createElement("span");
  span.append(...pieces.flatMap(piece => [piece, " "]));
  return span;
}

function key(name) {
  const element = document.createElement("kbd");
  element.textContent = name;
  return element;
}

learn(() => shown && show(shown.game, shown.paddle));

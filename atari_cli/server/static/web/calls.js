// The same episode and the last action, as calls in Python and in a shell.

import {NAMES} from "./controls.js";
import {$} from "./dom.js";
import {write as json} from "./numbers.js";

const CALLS = [
  "game",
  "seed",
  "mode",
  "difficulty",
  "frameskip",
  "repeat_action_probability",
  "noop_max",
  "max_frames",
  "full_action_space",
];

const SERVER = new URL("..", location).href.replace(/\/$/, "");

let needsToken = false;

/** Set whether the server needs a token, which the calls then take from the environment. */
export function authorize(needed) {
  needsToken = needed;
}

function python(name, value) {
  const text = json({[name]: value}).slice(name.length + 4, -1); // a large seed has no quotes
  return {true: "True", false: "False"}[text] ?? text;
}

/** Show calls that begin this episode and play this action. */
export function show(episode, code) {
  const given = {...episode, game: episode.game_name, full_action_space: episode.legal_actions.length === 18};
  const settings = CALLS.filter(name => given[name] !== null && given[name] !== undefined).map(name => [
    name,
    given[name],
  ]);
  const name = NAMES[code];
  const index = Math.max(0, episode.action_meanings.indexOf(name));
  write(
    $("python"),
    `${needsToken ? "import os\n\n" : ""}from atari_env import AtariAction, AtariEnv

with AtariEnv(base_url="${SERVER}"${needsToken ? ', token=os.environ["ATARI_TOKEN"]' : ""}).sync() as env:
    result = env.reset(
${settings.map(([key, value]) => `        ${key}=${python(key, value)},`).join("\n")}
    )
    result = env.step(AtariAction(action_id=${index}))  # ${name}
    print(result.reward, result.done)`,
  );
  const headers = `-H 'Content-Type: application/json'${needsToken ? ' -H "Authorization: Bearer $ATARI_TOKEN"' : ""}`;
  write(
    $("shell"),
    `curl ${SERVER}/reset ${headers} \\
  -d '${json(Object.fromEntries(settings))}'
curl ${SERVER}/step ${headers} \\
  -d '{"action": {"action_id": ${index}}}'  # ${name}`,
  );
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

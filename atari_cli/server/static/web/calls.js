// The same episode and the last action, as calls in Python and in a shell.

import {NAMES} from "./controls.js";
import {$} from "./dom.js";

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

const python = value => (value === true ? "True" : value === false ? "False" : JSON.stringify(value));

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
    `from atari_env import AtariAction, AtariEnv

with AtariEnv(base_url="${location.origin}").sync() as env:
    result = env.reset(
${settings.map(([key, value]) => `        ${key}=${python(value)},`).join("\n")}
    )
    result = env.step(AtariAction(action_id=${index}))  # ${name}
    print(result.reward, result.done)`,
  );
  const json = "Content-Type: application/json";
  write(
    $("shell"),
    `curl ${location.origin}/reset -H '${json}' \\
  -d '${JSON.stringify(Object.fromEntries(settings))}'
curl ${location.origin}/step -H '${json}' \\
  -d '{"action": {"action_id": ${index}}}'  # ${name}`,
  );
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// A form for the settings of an episode, made from the server's /schema.

import {$} from "./dom.js";
import {get} from "./http.js";

// What a person plays with, where it differs from the server's own defaults.
const PLAYED = {full_action_space: true, frameskip: 1, repeat_action_probability: 0};
const LEFT_OUT = new Set(["episode_id", "step_count", "game_name", "obs_type"]);
const FIRST = ["seed", "mode", "difficulty"];

let properties = null;

/** Make the form for a game; fields have what is given, else what is usual. */
export async function fill(game, given) {
  properties ??= (await get("/schema")).state.properties;
  const names = Object.keys(properties).filter(name => !LEFT_OUT.has(name));
  names.sort((one, other) => rank(one) - rank(other));
  const all = {seed: {type: "integer"}, ...properties};
  $("fields").replaceChildren(...names.map(name => field(name, all[name], game, given[name] ?? PLAYED[name] ?? game[`default_${name}`])));
  $("refused").textContent = "";
}

/** Return what the form says, without what is left empty. */
export function read() {
  const values = {};
  for (const input of $("fields").querySelectorAll("input, select")) {
    if (input.type === "checkbox") values[input.name] = input.checked;
    else if (input.value !== "") values[input.name] = input.dataset.kind === "text" ? input.value : Number(input.value);
  }
  return values;
}

const rank = name => (FIRST.indexOf(name) + 1 || 9);

function field(name, schema, game, value) {
  const label = document.createElement("label");
  const words = name.replaceAll("_", " ");
  label.append(words[0].toUpperCase() + words.slice(1));
  if (schema.description) label.title = schema.description;
  label.append(control(name, schema, game, value));
  return label;
}

function control(name, schema, game, value) {
  const choices = {mode: game.modes, difficulty: game.difficulties}[name] ?? schema.enum;
  if (choices) return select(name, choices, value);
  const kinds = [schema, ...(schema.anyOf ?? [])].map(({type}) => type);
  const input = document.createElement("input");
  input.name = name;
  if (kinds.includes("boolean")) return Object.assign(input, {type: "checkbox", checked: Boolean(value)});
  if (kinds.includes("string")) input.dataset.kind = "text";
  else Object.assign(input, {type: "number", step: kinds.includes("number") ? "any" : 1, min: schema.minimum ?? 0});
  input.placeholder = name === "seed" ? "by chance" : "";
  input.value = value ?? "";
  return input;
}

function select(name, choices, value) {
  const list = Object.assign(document.createElement("select"), {name});
  for (const choice of choices) list.append(new Option(choice, choice, false, choice === value));
  if (choices.every(choice => typeof choice === "string")) list.dataset.kind = "text";
  return list;
}

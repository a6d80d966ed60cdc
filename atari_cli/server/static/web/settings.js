// A form for the settings of an episode, made from the server's list of them.

import {$} from "./dom.js";
import {number} from "./numbers.js";

let settings = [];

/** Take the list: the name, type, range and default of each setting. */
export function describe(list) {
  settings = list;
}

/** Return the names of all settings. */
export const names = () => settings.map(({name}) => name);

/** Make the form for a game; fields have the given values, else the defaults. */
export function fill(game, given) {
  $("fields").replaceChildren(
    ...settings.map(setting =>
      field(setting, game, given[setting.name] ?? setting.default ?? game[`default_${setting.name}`]),
    ),
  );
  $("refused").textContent = "";
}

/** Return the values of the form without those that are empty. */
export function read() {
  const values = {};
  for (const input of $("fields").querySelectorAll("input, select")) {
    if (input.type === "checkbox") values[input.name] = input.checked;
    else if (input.value !== "") values[input.name] = number(input.value);
  }
  return values;
}

function field(setting, game, value) {
  const label = document.createElement("label");
  const words = setting.name.replaceAll("_", " ");
  label.append(words[0].toUpperCase() + words.slice(1));
  label.append(control(setting, game, value));
  return label;
}

function control({name, type, minimum, maximum = ""}, game, value) {
  const choices = {mode: game.modes, difficulty: game.difficulties}[name];
  if (choices) return select(name, choices, value);
  const input = Object.assign(document.createElement("input"), {name});
  if (type === "boolean") return Object.assign(input, {type: "checkbox", checked: value});
  Object.assign(input, {
    type: "number",
    step: type === "number" ? "any" : 1,
    min: minimum,
    max: maximum,
    value: value ?? "",
  });
  input.placeholder = name === "seed" ? "random" : "";
  return input;
}

function select(name, choices, value) {
  const list = Object.assign(document.createElement("select"), {name});
  for (const choice of choices) list.append(new Option(choice, choice, false, choice === value));
  return list;
}

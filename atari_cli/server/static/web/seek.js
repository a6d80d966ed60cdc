// The bar that goes to any step of a recording.

import {$} from "./dom.js";
import {toast} from "./overlay.js";

export class Seek {
  #wanted = null;

  /** `go(step)` makes the server go to a step; its promise resolves on arrival. */
  constructor(go) {
    this.go = go;
    $("position").addEventListener("input", () => this.#seek($("position").valueAsNumber));
  }

  /** Set the number of steps. */
  begin(steps) {
    $("position").max = steps;
  }

  /** Show the number of the step on the screen; during a seek, the bar stays at its target. */
  show(step) {
    if (this.#wanted === null) $("position").value = step;
    $("place").textContent = `${step} / ${$("position").max}`;
  }

  /** Seek a step; of several requests during a seek, only the last counts. */
  async #seek(step) {
    const goes = this.#wanted !== null;
    this.#wanted = step;
    if (goes) return;
    try {
      for (let sent = null; sent !== this.#wanted; ) {
        sent = this.#wanted;
        await this.go(sent);
      }
    } catch (error) {
      toast(error.message);
    }
    this.#wanted = null;
  }
}

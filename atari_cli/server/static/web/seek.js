// The bar that goes to any step of a recording.

import {$} from "./dom.js";
import {toast} from "./overlay.js";

export class Seek {
  #wanted = null;

  /** `go(step)` has the server go to a step, and ends when it is there. */
  constructor(go) {
    this.go = go;
    $("position").addEventListener("input", () => this.#seek($("position").valueAsNumber));
  }

  /** Say how many steps there are. */
  begin(steps) {
    $("position").max = steps;
  }

  /** Show which step is on the screen; while one is sought, the bar stays where it was put. */
  show(step) {
    if (this.#wanted === null) $("position").value = step;
    $("place").textContent = `${step} / ${$("position").max}`;
  }

  /** Go to a step; while the server goes there, only the last wish counts. */
  async #seek(step) {
    const goes = this.#wanted !== null;
    this.#wanted = step;
    if (goes) return;
    try {
      for (let sent = null; sent !== this.#wanted;) {
        sent = this.#wanted;
        await this.go(sent);
      }
    } catch (error) {
      toast(error.message);
    }
    this.#wanted = null;
  }
}

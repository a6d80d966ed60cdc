// The panels next to the game that show the environment.

import * as calls from "./calls.js";
import * as dials from "./dials.js";
import {$} from "./dom.js";
import {Log} from "./log.js";
import {Memory} from "./memory.js";
import {write} from "./numbers.js";
import {Plot} from "./plot.js";
import {tabs} from "./tabs.js";

const STATE_EVERY = 1000; // ms
const DRAW_EVERY = 60; // ms: every fourth picture is enough here, and leaves time for the screen

export class Inspector {
  #plot = new Plot($("rewards"), $("reward"));
  #memory = new Memory($("ram"), $("history"), $("cell"));
  #panel = "actions";
  #episode = null;
  #frame = null;
  #waits = false;
  #asked = 0;
  #drawn = 0;
  log = new Log($("lines"));

  /** `askState()` returns the episode's state; `act(index)` plays an action of its set. */
  constructor(askState, act) {
    this.askState = askState;
    this.act = act;
    tabs(document.querySelector("[role=tablist]"), panel => {
      this.#panel = panel;
      this.#asked = 0;
      this.#draw();
    });
    addEventListener("resize", () => this.#draw());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
  }

  begin(episode) {
    this.#episode = episode;
    this.#plot.begin();
    this.#memory.begin();
    this.log.begin(episode);
    $("legal").replaceChildren(...episode.action_meanings.map((name, index) => this.#button(name, index)));
  }

  take(frame) {
    this.#frame = frame;
    this.#plot.take(frame);
    this.#memory.take(frame);
    this.log.take(frame);
    this.#later();
  }

  #later() {
    if (this.#waits) return;
    this.#waits = true;
    requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#waits = false;
    if (!this.#frame || !this.#episode) return;
    dials.show(this.#frame);
    if (performance.now() - this.#drawn < DRAW_EVERY) return this.#later();
    this.#drawn = performance.now();
    this.#plot.draw();
    this.#memory.draw();
    if (this.#panel === "calls") calls.show(this.#episode, this.#frame.action);
    if (this.#panel === "state") this.#showState();
  }

  async #showState() {
    if (performance.now() - this.#asked < STATE_EVERY) return;
    this.#asked = performance.now();
    try {
      $("json").textContent = write(await this.askState(), 2);
    } catch (error) {
      $("json").textContent = error.message;
    }
  }

  #button(name, index) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.title = `action ${index}`;
    button.addEventListener("click", () => this.act(index, name));
    return button;
  }
}

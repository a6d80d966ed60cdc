// How a person wants to see and hear: mute, volume, phosphor, the whole screen. The browser
// remembers all but the last.

import {$} from "./dom.js";
import {toast} from "./overlay.js";
import {recall, remember} from "./preferences.js";

const press = (button, pressed) => button.ariaPressed = String(pressed);

export class Display {
  #screen;
  #sound;

  constructor(screen, sound) {
    this.#screen = screen;
    this.#sound = sound;
    const {muted = false, volume = sound.volume, phosphor = false} = recall();
    $("volume").value = volume;
    sound.set({volume});
    this.mute(muted);
    this.blend(phosphor);
    $("volume").addEventListener("input", () => {
      sound.set({volume: $("volume").valueAsNumber});
      remember({volume: $("volume").valueAsNumber});
    });
  }

  /** Turn the sound off or on; without a word, the other of both. */
  mute(muted = !this.#sound.muted) {
    this.#sound.set({muted});
    press($("mute"), muted);
    remember({muted});
  }

  /** Blend each picture with the one before, or do not. */
  blend(on = !this.#screen.phosphor) {
    this.#screen.phosphor = on;
    press($("phosphor"), on);
    remember({phosphor: on});
  }

  /** Take the whole display, or give it back; a phone takes its stick and button along. */
  fill() {
    if (document.fullscreenElement) return document.exitFullscreen();
    const shown = document.body.classList.contains("touch") ? $("stage") : $("tube");
    if (!shown.requestFullscreen) return toast("This browser has no full screen");
    shown.requestFullscreen().catch(error => toast(error.message));
  }
}

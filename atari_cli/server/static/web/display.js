// Picture and sound: mute, volume, phosphor and full screen. The browser remembers all but the
// last.

import {$} from "./dom.js";
import {toast} from "./overlay.js";
import {recall, remember} from "./preferences.js";

const press = (button, pressed) => (button.ariaPressed = String(pressed));

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

  /** Turn the sound off or on; toggle it without an argument. */
  mute(muted = !this.#sound.muted) {
    this.#sound.set({muted});
    press($("mute"), muted);
    remember({muted});
  }

  /** Blend consecutive pictures or do not; toggle it without an argument. */
  blend(on = !this.#screen.phosphor) {
    this.#screen.phosphor = on;
    press($("phosphor"), on);
    remember({phosphor: on});
  }

  /** Enter or leave full screen; on a phone, with the stick and the button. */
  fill() {
    if (document.fullscreenElement) return document.exitFullscreen();
    const shown = document.body.classList.contains("touch") ? $("stage") : $("tube");
    if (!shown.requestFullscreen) return toast("This browser has no full screen");
    shown.requestFullscreen().catch(error => toast(error.message));
  }
}

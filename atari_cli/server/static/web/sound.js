// Sound: the console's samples, played at the display's pace.

import {Buffers} from "./buffers.js";

/** Returns a speaker: its node, and `send(message)` for what `speaker.js` describes. */
async function speaker(context) {
  if (!context.audioWorklet) return new Buffers(context);
  await context.audioWorklet.addModule("speaker.js");
  const node = new AudioWorkletNode(context, "speaker", {outputChannelCount: [1]});
  return {node, send: message => node.port.postMessage(message)};
}

export class Sound {
  #context = null;
  #speaker = null;
  #gain = null;
  #fps = 60;
  #pace = 1;
  muted = false;
  volume = 0.6;

  /** Start the sound; browsers allow it only after a key, a click or a touch. */
  async start() {
    if (this.#context) return this.#context.resume();
    if (!globalThis.AudioContext) return;
    this.#context = new AudioContext({latencyHint: "interactive"});
    this.#speaker = await speaker(this.#context);
    this.#gain = this.#context.createGain();
    this.#speaker.node.connect(this.#gain).connect(this.#context.destination);
    this.set({});
  }

  /** Change volume, mute, the console's frames per second, or the speed (at most 1). */
  set({muted = this.muted, volume = this.volume, fps = this.#fps, pace = this.#pace}) {
    Object.assign(this, {muted, volume});
    this.#fps = fps;
    this.#pace = pace;
    this.#gain?.gain.setTargetAtTime(muted ? 0 : volume, this.#context.currentTime, 0.02);
    this.#speaker?.send({fps: fps * pace});
  }

  /** Play the samples of a frame, unsigned bytes. */
  play(samples) {
    if (samples?.length) this.#speaker?.send({samples: samples.slice()});
  }
}

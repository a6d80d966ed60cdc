// Sound: the console's samples go to an audio worklet that plays them at the display's pace.

export class Sound {
  #context = null;
  #node = null;
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
    await this.#context.audioWorklet.addModule("/web/speaker.js");
    this.#node = new AudioWorkletNode(this.#context, "speaker", {outputChannelCount: [1]});
    this.#gain = this.#context.createGain();
    this.#node.connect(this.#gain).connect(this.#context.destination);
    this.set({});
  }

  /** Change volume, mute, the console's frames per second, or the speed (at most 1). */
  set({muted = this.muted, volume = this.volume, fps = this.#fps, pace = this.#pace}) {
    Object.assign(this, {muted, volume});
    this.#fps = fps;
    this.#pace = pace;
    this.#gain?.gain.setTargetAtTime(muted ? 0 : volume, this.#context.currentTime, 0.02);
    this.#node?.port.postMessage({fps: fps * pace});
  }

  /** Play the samples of a frame, unsigned bytes. */
  play(samples) {
    if (this.#node && samples?.length) this.#node.port.postMessage({samples: samples.slice()});
  }
}

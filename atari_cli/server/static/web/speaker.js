// Runs in the audio thread: a short queue of samples, played a little faster or slower so that it
// stays short and does not run dry.

const MOST = 6,
  WANTED = 3; // frames that wait

class Speaker extends AudioWorkletProcessor {
  #frames = [];
  #place = 0;
  #fps = 60;
  #level = 0;
  #playing = false;

  constructor() {
    super();
    this.port.onmessage = ({data}) => {
      if (data.fps) this.#fps = data.fps;
      if (data.samples) this.#frames.push(data.samples);
      while (this.#frames.length > MOST) this.#frames.shift();
    };
  }

  process(_, [[output]]) {
    if (this.#frames.length >= WANTED) this.#playing = true;
    for (let sample = 0; sample < output.length; sample++) output[sample] = this.#next();
    return true;
  }

  #next() {
    const frame = this.#frames[0];
    if (!this.#playing || !frame) {
      this.#playing = false;
      this.#level *= 0.998; // silence without a click
      return this.#level;
    }
    const pace = 1 + 0.005 * (this.#frames.length - WANTED);
    this.#level = (frame[this.#place | 0] - 128) / 128;
    this.#place += (pace * frame.length * this.#fps) / sampleRate;
    if (this.#place >= frame.length) {
      this.#place -= frame.length;
      this.#frames.shift();
    }
    return this.#level;
  }
}

registerProcessor("speaker", Speaker);

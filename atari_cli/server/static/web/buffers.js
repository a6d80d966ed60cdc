// The speaker of a page that came over plain http from another machine: browsers keep audio
// worklets from it. Each frame is a short sound that begins where the one before ends.

const AHEAD = 0.05,
  MOST_AHEAD = 0.15; // seconds between now and the next frame

export class Buffers {
  #due = 0;
  #fps = 60;

  constructor(context) {
    this.node = context.createGain();
  }

  /** Take what `speaker.js` takes: the frames per second, or the samples of a frame. */
  send({fps = this.#fps, samples}) {
    this.#fps = fps;
    if (!samples) return;
    const context = this.node.context,
      now = context.currentTime;
    if (this.#due < now) this.#due = now + AHEAD;
    if (this.#due > now + MOST_AHEAD) return; // the server is faster: a frame is left out
    const buffer = context.createBuffer(1, samples.length, 60 * samples.length);
    buffer.getChannelData(0).set(Float32Array.from(samples, sample => (sample - 128) / 128));
    const source = new AudioBufferSourceNode(context, {buffer, playbackRate: fps / 60});
    source.connect(this.node);
    source.start(this.#due);
    this.#due += 1 / fps;
  }
}

// Binary messages of atari.v1 to frames: their header, screen, RAM and sound.

import {parse} from "./numbers.js";

/** Return the header and the payload of a message. */
export function split(buffer) {
  const size = new DataView(buffer).getUint32(0, true);
  const header = parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
  return {header, payload: new Uint8Array(buffer, 4 + size)};
}

/** Return the decompressed bytes of zlib. */
async function inflate(bytes) {
  const stream = new DecompressionStream("deflate");
  const writer = stream.writable.getWriter();
  const written = writer.write(bytes).then(() => writer.close());
  const chunks = [];
  const reader = stream.readable.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) chunks.push(part.value);
  await written;
  if (chunks.length === 1) return chunks[0];
  const whole = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let place = 0;
  for (const chunk of chunks) {
    whole.set(chunk, place);
    place += chunk.length;
  }
  return whole;
}

/** Restores each screen from its message and the previous screen. */
export class Frames {
  #last = null;
  #turn = Promise.resolve();

  /** Call `show(frame)` for a message, in the order of the messages. */
  take({header, payload}, show) {
    const unpacked = header.compression === "zlib" ? inflate(payload) : payload;
    this.#turn = this.#turn.then(async () => show(this.#restore(header.data, await unpacked)));
    return this.#turn;
  }

  #restore(data, payload) {
    const samples = payload.length - data.sound;
    const now = payload.slice(0, samples);
    if (!data.key && this.#last?.length === samples) {
      const last = this.#last;
      for (let place = 0; place < samples; place++) now[place] ^= last[place];
    }
    this.#last = now;
    return {
      ...data,
      pixels: now.subarray(0, samples - 128),
      ram: now.subarray(samples - 128),
      samples: payload.subarray(samples),
    };
  }
}

// The screen: palette indices onto a canvas, once for each picture of the display.

export class Screen {
  #canvas;
  #context;
  #colours = new Uint32Array(256);
  #image = null;
  #pixels = null;
  #before = null;
  #shown = null;
  #waits = false;
  phosphor = false;
  drawn = 0;

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d", {alpha: false});
  }

  /** Set the console: its colours, [[r, g, b], …], and the size of its screen. */
  begin(palette, [height, width]) {
    this.#colours = Uint32Array.from(
      palette,
      ([red, green, blue]) => (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0,
    );
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#image = new ImageData(width, height);
    this.#pixels = new Uint32Array(this.#image.data.buffer);
    this.#before = null;
  }

  /** Show a picture at the next refresh of the display, unless a later one comes first. */
  show(indices) {
    if (this.#shown && this.phosphor) this.#before = this.#shown;
    this.#shown = indices;
    if (this.#waits) return;
    this.#waits = true;
    requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#waits = false;
    const pixels = this.#pixels,
      colours = this.#colours,
      shown = this.#shown;
    if (this.phosphor && this.#before?.length === shown.length) this.#blend(pixels, colours, shown, this.#before);
    else for (let place = 0; place < pixels.length; place++) pixels[place] = colours[shown[place]];
    this.#context.putImageData(this.#image, 0, 0);
    this.drawn++;
  }

  #blend(pixels, colours, shown, before) {
    for (let place = 0; place < pixels.length; place++) {
      const one = colours[shown[place]],
        other = colours[before[place]];
      // The mean of all four bytes at once.
      pixels[place] = (one & other) + (((one ^ other) & 0xfefefefe) >>> 1);
    }
  }
}

// RAM as a heat map of 8 rows of 16 bytes; recent changes are framed.

import {clean, pageColours} from "./canvas.js";

const COLUMNS = 16,
  ROWS = 8,
  KEPT = 240,
  FRESH = 20;
const FIRST_ADDRESS = 0x80;

export class Memory {
  #ram = new Uint8Array(COLUMNS * ROWS);
  #ages = new Uint16Array(COLUMNS * ROWS).fill(FRESH);
  #kept = [];
  #cell = null;
  #pointed = null;

  constructor(canvas, history, caption) {
    Object.assign(this, {canvas, history, caption});
    canvas.addEventListener("pointermove", event => this.#point(this.#at(event)));
    canvas.addEventListener("pointerleave", () => this.#point(null));
    canvas.addEventListener("pointerdown", event => this.#choose(this.#at(event)));
    canvas.addEventListener("keydown", event => this.#key(event));
  }

  begin() {
    this.#kept = [];
    this.#ages.fill(FRESH);
  }

  take({ram}) {
    let changed = 0;
    for (let cell = 0; cell < ram.length; cell++) {
      const is = ram[cell] !== this.#ram[cell];
      this.#ages[cell] = is ? 0 : Math.min(FRESH, this.#ages[cell] + 1);
      changed += is;
    }
    this.#ram = ram;
    this.#kept.push({ram, changed});
    if (this.#kept.length > KEPT) this.#kept.shift();
  }

  draw() {
    const sheet = clean(this.canvas);
    if (!sheet) return;
    const {context, width, height} = sheet,
      colours = pageColours();
    const across = width / COLUMNS,
      down = height / ROWS;
    context.font = `${Math.min(11, across * 0.46)}px ui-monospace, monospace`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let cell = 0; cell < COLUMNS * ROWS; cell++) {
      const x = (cell % COLUMNS) * across,
        y = Math.floor(cell / COLUMNS) * down;
      this.#drawCell(context, colours, cell, x + 0.75, y + 0.75, across - 1.5, down - 1.5);
    }
    this.#drawHistory(colours);
  }

  #drawCell(context, colours, cell, x, y, width, height) {
    const value = this.#ram[cell];
    context.fillStyle = colours.sunk;
    context.fillRect(x, y, width, height);
    context.globalAlpha = 0.08 + (0.72 * value) / 255;
    context.fillStyle = colours.cool;
    if (value) context.fillRect(x, y, width, height);
    context.globalAlpha = 1 - this.#ages[cell] / FRESH;
    context.strokeStyle = colours.accent;
    context.lineWidth = 1.5;
    if (this.#ages[cell] < FRESH) context.strokeRect(x + 0.75, y + 0.75, width - 1.5, height - 1.5);
    context.globalAlpha = 1;
    context.fillStyle = value > colours.middle ? colours.ground : colours.text;
    if (width > 15) context.fillText(hex(value), x + width / 2, y + height / 2 + 0.5);
    if (cell !== this.#shown()) return;
    context.strokeStyle = colours.text;
    context.lineWidth = 2;
    context.strokeRect(x, y, width, height);
  }

  #drawHistory(colours) {
    const cell = this.#shown();
    const sheet = clean(this.history);
    if (!sheet) return;
    const {context, width, height} = sheet;
    const shares =
      cell === null ? this.#kept.map(({changed}) => changed / 64) : this.#kept.map(({ram}) => ram[cell] / 255);
    context.strokeStyle = colours.cool;
    context.lineWidth = 1.5;
    context.beginPath();
    for (const [place, share] of shares.entries()) {
      context.lineTo((place / (KEPT - 1)) * width, height - 2 - Math.min(1, share) * (height - 4));
    }
    context.stroke();
    this.#describe(cell);
  }

  #describe(cell) {
    const value = this.#ram[cell];
    this.caption.textContent =
      cell === null
        ? `${this.#kept.at(-1)?.changed ?? 0} of 128 bytes changed`
        : `$${hex(FIRST_ADDRESS + cell)} (${cell}) = ${value}, $${hex(value)}, %${value.toString(2).padStart(8, "0")}`;
  }

  #shown() {
    return this.#pointed ?? this.#cell;
  }

  #at(event) {
    const box = this.canvas.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * COLUMNS);
    const row = Math.floor(((event.clientY - box.top) / box.height) * ROWS);
    return Math.min(ROWS * COLUMNS - 1, Math.max(0, row * COLUMNS + column));
  }

  #point(cell) {
    this.#pointed = cell;
    this.draw();
  }

  #choose(cell) {
    this.#cell = cell;
    this.draw();
  }

  #key(event) {
    const step = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS}[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const all = COLUMNS * ROWS;
    this.#choose(this.#cell === null ? 0 : (this.#cell + step + all) % all);
  }
}

const hex = value => value.toString(16).toUpperCase().padStart(2, "0");

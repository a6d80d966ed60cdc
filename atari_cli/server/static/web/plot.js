// Reward over time: the score as a line of steps, each reward as a tick above or below.

import {clean, pageColours} from "./canvas.js";

const MOST = 4000;

export class Plot {
  #points = [];
  #frame = 0;

  constructor(canvas, caption) {
    this.canvas = canvas;
    this.caption = caption;
  }

  begin() {
    this.#points = [];
    this.#frame = 0;
    this.caption.textContent = "";
  }

  take({frame, score, reward}) {
    if (frame < this.#frame) this.#points = this.#points.filter(point => point.frame <= frame); // sought back
    this.#frame = frame;
    const last = this.#points.at(-1);
    if (last ? last.score === score : score === 0) return;
    this.#points.push({frame, score, reward: score - (last?.score ?? 0)});
    if (this.#points.length > MOST) this.#points = this.#points.filter((_, place) => place % 2);
    this.caption.textContent = `last ${reward > 0 ? "+" : ""}${reward || this.#points.at(-1).reward}`;
  }

  draw() {
    const sheet = clean(this.canvas);
    if (!sheet) return;
    const {context, width, height} = sheet,
      colours = pageColours();
    const scores = this.#points.map(({score}) => score);
    const low = Math.min(0, ...scores),
      high = Math.max(low + 1, 0, ...scores);
    const x = frame => (frame / Math.max(this.#frame, 600)) * (width - 2) + 1;
    const y = score => height - 4 - ((score - low) / (high - low)) * (height - 18);
    this.#rule(context, y(0), width, colours.line);
    for (const {frame, reward} of this.#points) {
      context.fillStyle = reward > 0 ? colours.good : colours.bad;
      context.fillRect(x(frame) - 0.75, reward > 0 ? y(0) - 7 : y(0), 1.5, reward > 0 ? 7 : 4);
    }
    context.strokeStyle = colours.accent;
    context.lineWidth = 2;
    context.lineJoin = "round";
    context.beginPath();
    context.moveTo(x(0), y(0));
    let before = 0;
    for (const {frame, score} of [...this.#points, {frame: this.#frame, score: scores.at(-1) ?? 0}]) {
      context.lineTo(x(frame), y(before));
      context.lineTo(x(frame), y(score));
      before = score;
    }
    context.stroke();
    context.fillStyle = colours.quiet;
    context.font = "11px ui-monospace, monospace";
    if (high > 1 || scores.length) context.fillText(String(high), 2, 10);
  }

  #rule(context, y, width, colour) {
    context.fillStyle = colour;
    context.fillRect(0, Math.round(y), width, 1);
  }
}

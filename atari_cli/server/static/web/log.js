// The events of the episode, newest first.

const MOST = 300;

export class Log {
  #before = null;
  #leap = Infinity;

  constructor(list) {
    this.list = list;
  }

  begin(episode) {
    this.#before = null;
    this.add(0, `${episode.title}, seed ${episode.seed ?? "not known"}, episode ${episode.number}`);
  }

  /** Skip to a step of a recording: what lies between is not played. */
  leap(step) {
    this.#leap = step;
  }

  take(frame) {
    const before = this.#before;
    this.#before = frame;
    if (frame.step >= this.#leap) {
      this.#leap = Infinity;
      return;
    }
    if (!before || frame.frame < before.frame) return;
    if (frame.score !== before.score) {
      const reward = frame.score - before.score;
      this.add(frame.frame, `reward ${reward > 0 ? "+" : ""}${reward}, score ${frame.score}`);
    }
    if (frame.lives !== before.lives)
      this.add(frame.frame, `${frame.lives} ${frame.lives === 1 ? "life" : "lives"} left`);
    if (frame.terminated && !before.terminated) this.add(frame.frame, `the game is over, score ${frame.score}`);
    if (frame.truncated && !before.truncated)
      this.add(frame.frame, `cut off at the limit of frames, score ${frame.score}`);
  }

  add(frame, text) {
    const line = document.createElement("li");
    line.appendChild(document.createElement("time")).textContent = frame;
    line.append(text);
    this.list.prepend(line);
    if (this.list.children.length > MOST) this.list.lastChild.remove();
  }
}

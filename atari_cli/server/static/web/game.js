// The game in play, watched or replayed: its state, its tools, and where frames go.

import {Controls, NAMES} from "./controls.js";
import {showRate} from "./dials.js";
import {Display} from "./display.js";
import {$} from "./dom.js";
import * as gamepad from "./gamepad.js";
import * as hint from "./hint.js";
import {Inspector} from "./inspector.js";
import * as keyboard from "./keyboard.js";
import * as overlay from "./overlay.js";
import {Screen} from "./screen.js";
import {Seek} from "./seek.js";
import * as settings from "./settings.js";
import * as share from "./share.js";
import {Socket} from "./socket.js";
import {Sound} from "./sound.js";
import * as touch from "./touch.js";

const SAID = {play: "", watch: "watching · ", replay: "recording · "};

export class Game {
  #screen = new Screen($("screen"));
  #sound = new Sound();
  #display = new Display(this.#screen, this.#sound);
  #controls = new Controls(input => this.#kind === "play" && this.#socket.send("input", input));
  #socket = new Socket(this);
  #inspector = new Inspector(
    () => this.#socket.ask("state"),
    (index, name) => this.#act(index, name),
  );
  #seek = new Seek(step => this.#goTo(step));
  #kind = null; // "play", "watch" or "replay"
  #game = null;
  #episode = null;
  #settings = {};
  #paused = false;
  #link = "idle";
  #reason = "";
  #last = null;
  #steps = 0; // of a recording
  #idleFor = 0; // seconds until the end of a game that nobody plays; 0 if it does not end

  /** `leave(reason)` goes back to the start screen. */
  constructor(leave) {
    this.leave = leave;
    this.#tools();
    this.#devices();
    share.downloads(() => this.#socket.session);
    setInterval(() => this.#rate(), 1000);
    document.addEventListener("visibilitychange", () => document.hidden && this.#kind !== "watch" && this.pause(true));
  }

  /** Begin a game of the catalogue. */
  play(game, given = {}) {
    this.#enter("play", game);
    this.#settings = given;
    this.#socket.play({game: game.id, ...given});
    settings.fill(game, given);
  }

  watch(key) {
    this.#enter("watch", null);
    this.#socket.watch(key);
  }

  /** Replay a recording that the server has read, in the session that it made for this. */
  replay(session) {
    this.#enter("replay", null);
    this.#socket.replay(session);
  }

  stop() {
    this.#kind = null;
    this.#socket.close();
    $("play").hidden = $("now").hidden = true;
  }

  /** Pause or continue; toggle it without an argument. */
  pause(wanted = !this.#paused) {
    if (!this.#kind || this.#kind === "watch" || wanted === this.#paused) return;
    this.#showPause(wanted);
    this.#socket.send("pace", {paused: wanted}); // without a connection, the next one begins with it
  }

  // Called by the socket.

  get pace() {
    return {paused: this.#paused, speed: Number($("speed").value)};
  }

  state(link, reason = "") {
    this.#link = link;
    this.#reason = reason;
    $("link").dataset.state = link;
    $("link").lastChild.textContent = {
      open: "connected",
      lost: "connection lost",
      connecting: "connecting …",
      taken: "played elsewhere",
      ended: "ended",
      idle: "",
    }[link];
    if (link === "lost") this.#inspector.log.add(this.#last?.frame ?? 0, "the connection was lost");
    this.#cover();
  }

  playing({watch}) {
    share.watchLink(watch);
    this.#sound.set({pace: Math.min(1, this.pace.speed)});
    this.#controls.renew();
    this.#socket.send("pace", this.pace); // it may have changed since the request
  }

  watching() {}

  replaying({steps}) {
    this.#steps = steps;
    this.#seek.begin(steps);
    this.#socket.send("pace", this.pace);
  }

  idle({seconds}) {
    this.#idleFor = seconds;
    this.#cover();
  }

  episode(episode) {
    this.#episode = episode;
    this.#last = null;
    this.#screen.begin(episode.palette, [episode.height, 160]);
    this.#sound.set({fps: episode.fps});
    this.#inspector.begin(episode);
    this.#controls.isUpright = episode.paddle?.axis === "y";
    if (this.#game) hint.show(this.#game, episode.paddle);
    const title = episode.display_name;
    $("title").textContent = title;
    $("subtitle").textContent = `${SAID[this.#kind]}seed ${episode.seed ?? "?"}`;
    $("screen").ariaLabel = `The screen of ${title}`;
    document.title = `${title} · atari`;
    this.#cover();
  }

  screen(frame) {
    const over = this.#over();
    this.#last = frame;
    this.#screen.show(frame.pixels);
    this.#sound.play(frame.samples);
    this.#inspector.take(frame);
    if (this.#kind === "replay") this.#seek.show(frame.step);
    if (over !== this.#over()) this.#cover();
  }

  note(text) {
    overlay.toast(text);
  }

  refused(reason) {
    if (this.#episode && this.#kind === "play") $("refused").textContent = reason;
    else this.leave(reason);
    overlay.toast(reason);
  }

  #enter(kind, game) {
    this.#kind = kind;
    this.#game = game;
    this.#episode = this.#last = null;
    this.#idleFor = 0;
    $("play").hidden = $("now").hidden = false;
    $("title").textContent = game ? game.display_name : "";
    $("speed").value = "1";
    $("subtitle").textContent = "";
    document.body.dataset.kind = kind;
    for (const id of ["pause", "advance", "speed", "seek"])
      $(id).hidden = kind === "watch" || (id === "seek" && kind !== "replay");
    for (const id of ["reset", "thumbs", "hint", "tab-actions", "tab-settings", "tab-share", "tab-state"])
      $(id).hidden = kind !== "play";
    if (kind !== "play") $("tab-log").click();
    this.#showPause(false);
    $("screen").focus({preventScroll: true});
    scrollTo(0, 0);
  }

  #reset() {
    const {seed} = this.#settings;
    this.#socket.ask("reset", seed === undefined ? {} : {seed}).catch(error => overlay.toast(error.message));
    this.pause(false);
    $("screen").focus({preventScroll: true});
  }

  /** Go to a step of the recording. */
  #goTo(step) {
    this.#inspector.log.leap(step);
    return this.#socket.ask("replay", {step, paused: this.#paused});
  }

  /** Replay the recording once more. */
  #repeat() {
    this.#showPause(false);
    this.#goTo(0).catch(error => overlay.toast(error.message));
  }

  async #act(index, name) {
    if (!$("frames").reportValidity()) return;
    this.#stand();
    const actions = Array($("frames").valueAsNumber || 1).fill(index);
    try {
      await this.#socket.ask("step_many", {actions, observations: "last"});
      this.#inspector.log.add(this.#last?.frame ?? 0, `${name} × ${actions.length}`);
    } catch (error) {
      overlay.toast(error.message);
    }
  }

  /** Pause without an overlay, so that each step can be seen. */
  #stand() {
    this.pause(true);
    overlay.hide();
  }

  #advance() {
    this.#stand();
    const index = this.#episode?.action_meanings.indexOf(NAMES[this.#controls.code]) ?? 0;
    this.#socket.ask("step", {action_id: Math.max(0, index)}).catch(error => overlay.toast(error.message));
  }

  #over() {
    if (this.#kind === "replay") return Boolean(this.#last) && this.#last.step >= this.#steps;
    return Boolean(this.#last?.terminated || this.#last?.truncated);
  }

  /** Show over the screen why the game does not run, if it does not. */
  #cover() {
    if (this.#link === "lost")
      return overlay.show(
        this.#reason ? "No connection" : "Connection lost",
        this.#reason || "Trying to come back …",
        "Try now",
        () => this.#socket.again(),
      );
    if (this.#link === "taken")
      return overlay.show("Played elsewhere", "Another page has taken over this game.", "Take it back", () =>
        this.#socket.again(),
      );
    if (this.#link === "ended" && this.#kind === "play")
      return overlay.show("The session has ended", "", "Play again", () => this.play(this.#game, this.#settings));
    if (this.#link === "ended") return overlay.show("The session has ended", "", "All games", () => this.leave());
    if (this.#idleFor)
      return overlay.show(
        "Is anybody there?",
        `The game ends within ${this.#idleFor} seconds if nobody plays.`,
        "Play on",
        () => this.#wake(),
      );
    const score = `Score ${this.#last?.score}`;
    if (this.#over() && this.#kind === "replay")
      return overlay.show("The recording has ended", score, "From the start", () => this.#repeat());
    if (this.#over() && this.#kind === "play")
      return overlay.show(
        this.#last.terminated ? "Game over" : "Cut off at the limit of frames",
        score,
        "Play again",
        () => this.#reset(),
      );
    if (this.#paused && this.#kind === "play") return overlay.show("Paused", "", "Resume", () => this.pause(false));
    overlay.hide();
  }

  /** Report to the server that somebody is there, if it has asked. */
  #wake() {
    if (!this.#idleFor) return;
    this.#idleFor = 0;
    this.#socket.send("pace", this.pace);
    this.#cover();
  }

  #showPause(paused) {
    this.#paused = paused;
    $("pause").firstElementChild.textContent = paused ? "Resume" : "Pause";
    this.#cover();
    if (!paused) $("screen").focus({preventScroll: true});
  }

  #rate() {
    showRate(this.#screen.drawn);
    this.#screen.drawn = 0;
  }

  #setSpeed(speed) {
    this.#socket.send("pace", {speed});
    this.#sound.set({pace: Math.min(1, speed)});
  }

  #tools() {
    const clicks = {
      pause: () => this.pause(),
      advance: () => this.#advance(),
      reset: () => this.#reset(),
      mute: () => this.#display.mute(),
      phosphor: () => this.#display.blend(),
      fullscreen: () => this.#display.fill(),
    };
    for (const [id, act] of Object.entries(clicks)) $(id).addEventListener("click", act);
    keyboard.handBack($("pause").parentElement, $("screen"));
    $("speed").addEventListener("change", () => this.#setSpeed(Number($("speed").value)));
    $("form").addEventListener("submit", event => {
      event.preventDefault();
      $("refused").textContent = "";
      this.#settings = settings.read();
      this.#showPause(false);
      this.#socket.play({game: this.#game.id, ...this.#settings});
    });
  }

  #devices() {
    const commands = {
      KeyP: () => this.pause(),
      KeyN: () => this.#kind !== "watch" && this.#advance(),
      F2: () => this.#kind === "play" && this.#reset(),
      KeyM: () => this.#display.mute(),
      KeyF: () => this.#display.fill(),
      Escape: () => this.#paused || this.pause(true),
      Enter: () => overlay.press(),
    };
    keyboard.listen(this.#controls, commands, () => Boolean(this.#kind));
    gamepad.listen(this.#controls, () => this.pause());
    touch.listen(this.#controls, $("stick"), $("fire"));
    touch.aim(this.#controls, $("screen"), () => this.#episode?.paddle);
    for (const gesture of ["pointerdown", "keydown"])
      addEventListener(gesture, () => {
        if (!this.#kind) return;
        this.#wake();
        this.#sound.start().catch(error => overlay.toast(`No sound: ${error.message}`));
      });
    const touches = matchMedia("(pointer: coarse)");
    const thumbs = event => document.body.classList.toggle("touch", event.matches);
    thumbs(touches);
    touches.addEventListener("change", thumbs);
    addEventListener("touchstart", () => document.body.classList.add("touch"), {once: true, passive: true});
  }
}

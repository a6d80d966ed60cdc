// The WebSocket: requests, messages, and reconnecting after the connection was lost.

import {Frames, split} from "./frames.js";
import {get} from "./http.js";
import {admitted} from "./login.js";

const WAITS = [300, 700, 1500, 3000, 5000];
const PATIENCE = 6000; // ms without a message from a running game until the page checks the connection
const SEEN_EVERY = 3; // messages; the server waits for confirmation of every fourth at least
const REPLIES = {play: "playing", watch: "watching", replay: "replaying"};
const TAKEN = 4001,
  ENDED = 1000;

export class Socket {
  #socket = null;
  #frames = null;
  #begin = null;
  #before = null;
  #session = null;
  #tries = 0;
  #retry = 0;
  #number = 0;
  #asked = new Map();
  #heard = 0;

  /** `listener` has the methods `state`, `screen`, and one for each type of text message. */
  constructor(listener) {
    this.listener = listener;
    addEventListener("pagehide", () => this.close());
    addEventListener("online", () => this.#retry && this.again());
    setInterval(() => this.#check(), 2000);
  }

  /** The id of the session, for requests over HTTP. */
  get session() {
    return this.#session;
  }

  /** Begin a game; an open connection is reused. */
  play(settings) {
    this.#open("/ws", {type: "play", data: settings});
  }

  /** Watch a session. */
  watch(key) {
    this.close();
    this.#open("/ws/watch", {type: "watch", data: {key}});
  }

  /** Replay a recording that was sent to the server. */
  replay(session) {
    this.close();
    this.#session = session;
    this.#open("/ws", {type: "replay", data: {}});
  }

  /** End the session. */
  close() {
    clearTimeout(this.#retry);
    this.#retry = 0;
    const socket = this.#socket;
    this.#socket = this.#session = this.#begin = null;
    if (socket?.readyState === WebSocket.OPEN) socket.send('{"type":"close"}');
    socket?.close();
    this.listener.state("idle");
  }

  /** Send a request that gets no reply. */
  send(type, data) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify({type, data}));
    return true;
  }

  /** Send a request; return the data of its reply. */
  ask(type, data) {
    const id = ++this.#number;
    return new Promise((resolve, reject) => {
      if (this.#socket?.readyState !== WebSocket.OPEN) return reject(new Error("there is no connection"));
      this.#asked.set(id, {type, resolve, reject});
      this.#socket.send(JSON.stringify({type, data, id}));
    });
  }

  /** Try to connect now. */
  again() {
    this.#tries ||= 1; // resume the session
    clearTimeout(this.#retry);
    this.#retry = 0;
    this.#connect();
  }

  #open(path, begin) {
    this.#before = this.#session && this.#begin;
    this.#begin = {path, ...begin};
    if (this.#socket?.readyState === WebSocket.OPEN) return this.#start();
    this.#tries = 0;
    this.#connect();
  }

  #connect() {
    if (!this.#begin) return;
    this.#socket?.close();
    const query = new URLSearchParams({compression: "zlib"});
    if (this.#session) query.set("session_id", this.#session);
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}${this.#begin.path}?${query}`, "atari.v1");
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.listener.state(this.#tries ? "lost" : "connecting");
    socket.onopen = () => this.#socket === socket && this.#start();
    socket.onmessage = ({data}) => this.#socket === socket && this.#take(data);
    socket.onclose = event => this.#socket === socket && this.#lost(event);
  }

  #start() {
    this.#frames = new Frames();
    this.#heard = performance.now();
    const {type, data} = this.#begin;
    const resumes = type === "play" && this.#session && this.#tries;
    this.ask(type, resumes ? {resume: true} : data).then(
      reply => {
        this.#session = reply.session_id ?? this.#session;
        this.#tries = 0;
        this.listener.state("open");
        this.listener[REPLIES[type]](reply);
      },
      error => this.#refused(error, resumes),
    );
  }

  #refused(error, resumes) {
    if (resumes) {
      this.#session = null;
      this.#tries = 0;
      this.listener.note("The session was ended meanwhile: a new game");
      this.#socket.close();
      return this.#connect();
    }
    this.#begin = this.#before;
    if (!this.#begin) this.close();
    this.listener.refused(error.message);
  }

  #take(data) {
    this.#heard = performance.now();
    if (typeof data === "string") return this.#text(JSON.parse(data));
    const message = split(data);
    if (message.header.type !== "screen") return this.#answer(message.header);
    const frames = this.#frames;
    frames.take(message, frame => {
      if (frames !== this.#frames) return;
      if (frame.number % SEEN_EVERY === 0) this.send("seen", {number: frame.number});
      this.listener.screen(frame);
    });
  }

  #text(message) {
    if (message.type === "episode") this.listener.episode(message.data);
    else this.#answer(message);
  }

  #answer({type, id, data}) {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (type === "error" && asked) asked.reject(new Error(data.message));
    else if (type === "error" && !this.#session) this.#refused(new Error(data.message));
    else if (type === "error") this.listener.note(data.message);
    else asked?.resolve(data);
  }

  #lost({code, reason}) {
    for (const {reject} of this.#asked.values()) reject(new Error("the connection was lost"));
    this.#asked.clear();
    if (code === TAKEN) return this.listener.state("taken");
    if (code === ENDED && this.#begin.type !== "play") return this.listener.state("ended", reason);
    this.listener.state("lost");
    this.#retry = setTimeout(() => this.#return(), WAITS[Math.min(this.#tries++, WAITS.length - 1)]);
  }

  async #return() {
    try {
      await admitted(() => get("/web/games.json"));
    } catch {
      return this.#lost({}); // there is no server
    }
    if (this.#retry) this.again();
  }

  /** Detect a connection that has gone silent, such as after a change of the network. */
  #check() {
    const silent = performance.now() - this.#heard;
    if (this.#socket?.readyState !== WebSocket.OPEN || silent < PATIENCE || !this.#begin) return;
    if (this.#begin.type === "watch") return; // an agent may think for any time
    if ([...this.#asked.values()].some(({type}) => type === "replay")) return; // a seek may take long
    if (silent > 3 * PATIENCE) return this.#drop();
    this.ask("state").catch(() => {});
  }

  #drop() {
    const socket = this.#socket;
    socket.onclose = null;
    socket.close();
    this.#lost({});
  }
}

// The WebSocket: requests, messages, and reconnecting after the connection was lost.

import {Frames, split} from "./frames.js";
import {get, post} from "./http.js";
import {admitted} from "./login.js";
import {parse} from "./numbers.js";

const WAITS = [300, 700, 1500, 3000, 5000];
const PATIENCE = 2000; // ms without a message until the page asks for one
const ANSWER = 3000; // ms until such a question was asked in vain
const SEEN_EVERY = 3; // messages; the server waits for confirmation of every fourth at least
const REPLIES = {play: "playing", watch: "watching", replay: "replaying"};
const TAKEN = 4001,
  ENDED = 1000;
const CLOSED = 2; // attempts without a connection that a server which answers over HTTP may need
const BLOCKED =
  "The server answers, but no WebSocket opens: a proxy before it must pass them on, as its documentation says.";

class Lost extends Error {}

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
  #probed = 0; // when the page asked whether the server is there, since it was last heard
  #failed = 0; // attempts since a connection was last opened
  #reason = ""; // why the next attempt may be in vain

  /** `listener` has `pace`, whether and how fast the game is to run, and the methods `state`, `screen`,
   * and one for each type of text message. */
  constructor(listener) {
    this.listener = listener;
    addEventListener("pagehide", () => this.close());
    addEventListener("online", () => this.#retry && this.again());
    setInterval(() => this.#check(), 1000);
  }

  /** The id of the session, for requests over HTTP. */
  get session() {
    return this.#session;
  }

  /** Begin a game; an open connection is reused. */
  play(settings) {
    this.#open("ws", {type: "play", data: settings});
  }

  /** Watch a session. */
  watch(key) {
    this.close();
    this.#open("ws/watch", {type: "watch", data: {key}});
  }

  /** Replay a recording that was sent to the server. */
  replay(session) {
    this.close();
    this.#session = session;
    this.#open("ws", {type: "replay", data: {}});
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
    this.#tries = this.#failed = 0;
    this.#reason = "";
    this.#connect();
  }

  #connect() {
    if (!this.#begin) return;
    this.#socket?.close();
    const query = new URLSearchParams({compression: "zlib"});
    if (this.#session) query.set("session_id", this.#session);
    const address = new URL(`../${this.#begin.path}?${query}`, location).href.replace(/^http/, "ws");
    const socket = new WebSocket(address, "atari.v1");
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.listener.state(this.#tries ? "lost" : "connecting", this.#reason);
    socket.onopen = () => this.#socket === socket && this.#start();
    socket.onmessage = ({data}) => this.#socket === socket && this.#take(data);
    socket.onclose = event => this.#socket === socket && this.#lost(event);
  }

  #start() {
    this.#frames = new Frames();
    this.#heard = performance.now();
    this.#probed = this.#failed = 0;
    this.#reason = "";
    const {type} = this.#begin;
    this.ask(type, this.#request()).then(
      reply => {
        this.#session = reply.session_id ?? this.#session;
        this.#tries = 0;
        this.listener.state("open");
        this.listener[REPLIES[type]](reply);
      },
      error => error instanceof Lost || this.#refused(error),
    );
  }

  /** Return the data of the first request: the page alone knows how the game is to run. */
  #request() {
    const {type, data} = this.#begin;
    const {paused, speed} = this.listener.pace;
    if (type === "watch") return data;
    if (type === "replay") return {...data, paused};
    return {...(this.#session && this.#tries ? {resume: true} : data), paused, speed};
  }

  #refused(error) {
    this.#begin = this.#before;
    if (!this.#begin) this.close();
    this.listener.refused(error.message);
  }

  #take(data) {
    this.#heard = performance.now();
    this.#probed = 0;
    if (typeof data === "string") return this.#text(parse(data));
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
    else if (message.type === "idle") this.listener.idle(message.data);
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

  /** The session is over; the listener may begin another. */
  #end() {
    this.#session = null;
    this.listener.state("ended");
  }

  #lost({code}) {
    for (const {reject} of this.#asked.values()) reject(new Lost("the connection was lost"));
    this.#asked.clear();
    if (code === TAKEN) return this.listener.state("taken");
    if (code === ENDED) return this.#end();
    this.#failed++;
    this.#wait();
  }

  /** Try again after a while. */
  #wait() {
    this.listener.state("lost", this.#reason);
    this.#retry = setTimeout(() => this.#return(), WAITS[Math.min(this.#tries++, WAITS.length - 1)]);
  }

  async #return() {
    const retry = this.#retry;
    try {
      await post("check", {}); // as a WebSocket is checked, which would not say why it is refused
      if (this.#begin?.type !== "watch") await admitted(() => get("games.json"));
      this.#reason = this.#failed > CLOSED ? BLOCKED : "";
    } catch (error) {
      this.#reason = error.message;
    }
    if (retry !== this.#retry) return; // the person did something else meanwhile
    if (this.#reason && this.#reason !== BLOCKED) this.#wait();
    else this.again();
  }

  /** Detect a connection that has gone silent, such as after a change of the network. */
  #check() {
    const now = performance.now();
    if (this.#socket?.readyState !== WebSocket.OPEN || now - this.#heard < PATIENCE || !this.#begin) return;
    if (this.#begin.type === "watch") return; // an agent may think for any time
    if ([...this.#asked.values()].some(({type}) => type in REPLIES)) return; // a seek may take long
    if (this.#probed) return now - this.#probed > ANSWER && this.#drop();
    this.#probed = now;
    this.ask("ping").catch(() => {});
  }

  #drop() {
    const socket = this.#socket;
    socket.onclose = null;
    socket.close();
    this.#lost({});
  }
}

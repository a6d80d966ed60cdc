// Which screen the address asks for: all games, a game, or a session to watch.

import * as calls from "./calls.js";
import {Game} from "./game.js";
import {get} from "./http.js";
import {admitted} from "./login.js";
import {parse} from "./numbers.js";
import {toast} from "./overlay.js";
import "./readme.js";
import * as settings from "./settings.js";
import * as share from "./share.js";
import {Start} from "./start.js";
import {plain} from "./text.js";

const start = new Start(go);
const game = new Game(leave);
let games = [];

/** Return the number or boolean that a text is; the server refuses any other text. */
function value(text) {
  try {
    return parse(text);
  } catch {
    return text;
  }
}

/** Go to the start screen, and say why. */
function leave(reason) {
  go("./");
  if (reason) toast(reason);
}

function go(address) {
  history.pushState(null, "", address);
  route();
}

/** Fetch the catalogue, which a spectator does not need. */
async function know() {
  if (games.length) return;
  const catalogue = await admitted(() => get("games.json"));
  games = catalogue.games.sort((one, other) => one.display_name.localeCompare(other.display_name));
  settings.describe(catalogue.settings);
  share.offer(catalogue.no_video);
  calls.authorize(catalogue.needs_token);
  start.fill(games);
}

// The parts of a Gymnasium id around the game's name, as in games.py.
const GYMNASIUM_ID = /^(?:ALE\/)?(.*?)(?:-ram)?(?:Deterministic|NoFrameskip)?(?:-v\d+)?$/i;

/** Return the game with a name in any spelling: its id, its title or its id in Gymnasium. */
function find(name) {
  const wanted = plain(name.trim().replace(GYMNASIUM_ID, "$1"));
  return games.find(({id, title, display_name}) =>
    [id, title, title.split(" - ")[0], display_name].some(each => plain(each) === wanted),
  );
}

async function route() {
  const query = new URLSearchParams(location.search);
  const wanted = query.get("game");
  game.stop();
  start.show(false);
  if (query.has("watch")) return game.watch(query.get("watch"));
  try {
    await know();
  } catch (error) {
    return toast(`${error.message}. Reload the page to try again.`);
  }
  if (query.has("replay")) return replayAgain();
  const known = wanted && find(wanted);
  start.show(!known);
  if (known)
    return game.play(
      known,
      Object.fromEntries(
        settings
          .names()
          .filter(name => query.get(name))
          .map(name => [name, value(query.get(name))]),
      ),
    );
  document.title = "atari";
  if (wanted) toast(`There is no game called ${wanted}`);
}

document.addEventListener("click", event => {
  const link = event.target.closest("a[data-go]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.href);
});
addEventListener("popstate", route);
addEventListener("pageshow", event => event.persisted && route()); // the browser restored it from its cache

/** Replay the recording that the tab keeps with the address. */
async function replayAgain() {
  const recording = history.state?.recording;
  if (!recording) return leave("Only the tab that replayed this recording keeps it: drop it here again");
  try {
    game.replay(await share.send(recording));
  } catch (error) {
    leave(error.message);
  }
}

share.drops(async (session, file) => {
  const address = `?replay=${encodeURIComponent(file.name)}`;
  const recording = await file.arrayBuffer();
  start.show(false);
  try {
    history.pushState({recording}, "", address);
  } catch {
    history.pushState(null, "", address); // it is too large for the browser to keep
  }
  game.replay(session);
});

route();

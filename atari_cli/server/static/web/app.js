// Which screen the address asks for: all games, a game, or a session to watch.

import {Game} from "./game.js";
import {get} from "./http.js";
import {admitted} from "./login.js";
import {toast} from "./overlay.js";
import "./readme.js";
import * as settings from "./settings.js";
import {drops} from "./share.js";
import {Start} from "./start.js";

const start = new Start(go);
const game = new Game(reason => {
  go("/web/");
  if (reason) toast(reason);
});
let games = [];

/** Return the number or boolean that a text is; the server refuses any other text. */
function value(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function go(address) {
  history.pushState(null, "", address);
  route();
}

/** Fetch the catalogue, which a spectator does not need. */
async function know() {
  if (games.length) return;
  const catalogue = await admitted(() => get("/web/games.json"));
  games = catalogue.games.sort((one, other) => one.title.localeCompare(other.title));
  settings.describe(catalogue.settings);
  start.fill(games);
}

async function route() {
  const query = new URLSearchParams(location.search);
  const wanted = query.get("game");
  game.stop();
  start.show(false);
  if (query.has("watch")) return game.watch(query.get("watch"));
  try {
    await know();
  } catch {
    return toast("The server does not answer. Reload the page to try again.");
  }
  const known = games.find(({id}) => id === wanted);
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
drops(recording => {
  start.show(false);
  game.replay(recording);
});

route();

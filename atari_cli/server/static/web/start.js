// The start screen: pictures of all games, filtered by text or by number of actions.

import {$} from "./dom.js";
import {plain} from "./text.js";

function card(game) {
  const item = document.createElement("li");
  const link = item.appendChild(document.createElement("a"));
  link.href = `?game=${game.id}`;
  link.dataset.go = "";
  const picture = link.appendChild(new Image(160, 120));
  picture.alt = "";
  picture.loading = "lazy";
  picture.decoding = "async";
  picture.src = `pictures/${game.id}.png`;
  link.appendChild(document.createElement("b")).textContent = game.display_name;
  const facts = [game.year, `${game.actions.length} actions`].filter(Boolean).join(" · ");
  link.appendChild(document.createElement("small")).textContent = facts;
  return {item, link, game, text: plain(`${game.title} ${game.id} ${game.year ?? ""} ${game.publisher ?? ""}`)};
}

export class Start {
  #cards = [];
  #search = $("search");

  constructor(go) {
    this.#search.addEventListener("input", () => this.#filter());
    this.#search.form.addEventListener("change", event => event.target !== this.#search && this.#filter());
    this.#search.form.addEventListener("submit", event => {
      event.preventDefault();
      const first = this.#found()[0];
      if (first) go(first.link.href);
    });
    document.addEventListener("keydown", event => this.#key(event));
  }

  /** Show these games. */
  fill(games) {
    this.#cards = games.map(card);
    $("games").replaceChildren(...this.#cards.map(({item}) => item));
    const counts = [...new Set(games.map(game => game.actions.length))].sort((a, b) => a - b);
    for (const count of ["any", ...counts]) $("counts").append(choice(count));
    this.#filter();
  }

  show(shown) {
    $("start").hidden = !shown;
    if (shown && matchMedia("(pointer: fine)").matches) this.#search.focus({preventScroll: true});
  }

  #found() {
    return this.#cards.filter(({item}) => !item.hidden);
  }

  #filter() {
    const words = this.#search.value.split(/\s+/).map(plain);
    const count = new FormData(this.#search.form).get("count");
    for (const {item, game, text} of this.#cards) {
      item.hidden = !(
        words.every(word => text.includes(word)) &&
        (count === "any" || game.actions.length === Number(count))
      );
    }
    const found = this.#found().length;
    $("found").textContent = found
      ? `${found} ${found === 1 ? "game" : "games"}`
      : "No game is called that. Try fewer letters.";
  }

  /** Arrows go from picture to picture; any letter goes to the search. */
  #key(event) {
    if ($("start").hidden || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]"))
      return;
    const links = this.#found().map(({link}) => link);
    const place = links.indexOf(document.activeElement);
    const inSearch = document.activeElement === this.#search;
    const row = links.findIndex(link => link.offsetTop > links[0].offsetTop);
    const step = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: row < 0 ? links.length : row,
      ArrowUp: row < 0 ? -links.length : -row,
    }[event.key];
    if (step && place >= 0) {
      event.preventDefault();
      if (place + step < 0) this.#search.focus();
      else links[Math.min(links.length - 1, place + step)].focus();
    } else if (inSearch && event.key === "ArrowDown" && links.length) {
      event.preventDefault();
      links[0].focus();
    } else if (event.key === "Escape" && this.#search.value) {
      this.#search.value = "";
      this.#filter();
    } else if (!inSearch && event.key.length === 1 && event.key !== " " && event.target.tagName !== "INPUT") {
      this.#search.focus();
    }
  }
}

function choice(count) {
  const label = document.createElement("label");
  const input = label.appendChild(document.createElement("input"));
  Object.assign(input, {type: "radio", name: "count", value: count, checked: count === "any"});
  label.appendChild(document.createElement("span")).textContent = count;
  return label;
}

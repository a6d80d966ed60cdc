// The names of games: some cartridges are better known by the game that is played on them.

/** Return a text in small letters and digits alone, to compare it. */
export const plain = text =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "");

/** Return the name of a game: its title, after that of its id if the two have nothing in common. */
export function nameOf(id, title) {
  if (plain(title).includes(plain(id).slice(0, 4))) return title;
  const words = id.replaceAll("_", " ");
  return `${words[0].toUpperCase()}${words.slice(1)} (${title})`;
}

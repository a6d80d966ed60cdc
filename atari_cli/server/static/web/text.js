/** Return a text in small letters and digits alone, to compare it. */
export const plain = text =>
  text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "");

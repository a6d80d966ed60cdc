// Integers that JavaScript would round, such as a seed of 63 bits: they stay text, digit for digit.

const exact = (_key, value, context) =>
  Number.isInteger(value) && !Number.isSafeInteger(value) && context ? context.source : value;

/** Return the document in a JSON text. */
export const parse = text => JSON.parse(text, exact);

/** Return the JSON text of a document. */
export const write = (document, indent) =>
  JSON.stringify(document, null, indent).replace(/("seed": ?)"(\d+)"/g, "$1$2");

/** Return the number that a text is, if that is exact; else the text. */
export function number(text) {
  const value = Number(text);
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? text : value;
}

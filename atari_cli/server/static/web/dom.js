// What all modules need of the document.

/** Return the element with an id. */
export const $ = id => document.getElementById(id);

// Access to the document, for all modules.

/** Return the element with an id. */
export const $ = id => document.getElementById(id);

// The settings that this browser keeps between visits: sound and phosphor.

const NAME = "atari";

export function recall() {
  try {
    return JSON.parse(localStorage.getItem(NAME)) ?? {};
  } catch {
    return {}; // storage is forbidden, or holds something else
  }
}

export function remember(values) {
  try {
    localStorage.setItem(NAME, JSON.stringify({...recall(), ...values}));
  } catch {
    // The page also works in a browser without storage.
  }
}

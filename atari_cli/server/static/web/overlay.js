// Messages over the screen: paused, game over, connection lost.

import {$} from "./dom.js";

/** Show a title, a text and a button over the screen. */
export function show(title, text, label, press) {
  const [strong, span, button] = $("overlay").children;
  strong.textContent = title;
  span.textContent = text;
  button.textContent = label;
  button.hidden = !label;
  button.onclick = press;
  $("overlay").hidden = false;
}

/** Press the button, if it is shown. */
export function press() {
  if (!$("overlay").hidden) $("overlay").querySelector("button:not([hidden])")?.click();
}

/** Show the screen alone. */
export function hide() {
  $("overlay").hidden = true;
}

let timer = 0;

/** Show a message for a while; return a function that hides it earlier. */
export function toast(text) {
  clearTimeout(timer);
  $("toast").textContent = text;
  $("toast").hidden = false;
  const end = () => {
    if (timer === own) $("toast").hidden = true;
  };
  const own = setTimeout(end, 4000);
  timer = own;
  return end;
}

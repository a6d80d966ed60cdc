// What is said over the screen: paused, over, lost.

const $ = id => document.getElementById(id);

/** Show a title, a text and a button over the screen. */
export function show(title, text, label, press) {
  const [strong, span, button] = $("veil").children;
  strong.textContent = title;
  span.textContent = text;
  button.textContent = label;
  button.hidden = !label;
  button.onclick = press;
  $("veil").hidden = false;
}

/** Show the screen alone. */
export function hide() {
  $("veil").hidden = true;
}

let timer = 0;

/** Say something for a while. */
export function toast(text) {
  clearTimeout(timer);
  $("toast").textContent = text;
  $("toast").hidden = false;
  timer = setTimeout(() => $("toast").hidden = true, 4000);
}

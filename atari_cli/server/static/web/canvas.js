// Shared by the small drawings: sharp canvases, and the page's colours.

const dark = matchMedia("(prefers-color-scheme: dark)");
let colours = null;
dark.addEventListener("change", () => (colours = null));

/** Return the page's colours by name, as the style sheet has them. */
export function pageColours() {
  if (colours) return colours;
  const style = getComputedStyle(document.documentElement);
  const names = ["ground", "text", "quiet", "accent", "cool", "sunk", "line", "good", "bad"];
  colours = Object.fromEntries(names.map(name => [name, style.getPropertyValue(`--${name}`).trim()]));
  colours.middle = dark.matches ? 165 : 225; // the byte whose cell is equally far from `text` and `ground`
  return colours;
}

/** Return an empty canvas in CSS pixels, sharp on every display; null if it is hidden. */
export function clean(canvas) {
  const width = canvas.clientWidth,
    height = canvas.clientHeight,
    scale = devicePixelRatio || 1;
  if (!width) return null;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return {context, width, height};
}

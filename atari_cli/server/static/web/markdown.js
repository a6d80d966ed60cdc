// The part of Markdown that READMEs use, as elements: no text becomes HTML.

const FENCE = /^```/,
  HEADING = /^(#+) (.*)/,
  ITEM = /^(?:-|\d+[.]) (.*)/,
  ROW = /^[|](.*)[|]$/,
  TAG = /^</;
const INLINE = /`(?<code>[^`]+)`|[*]{2}(?<strong>[^*]+)[*]{2}|!?\[(?<text>[^\]]*)\]\((?<place>[^)]*)\)/g;

const make = (tag, children = []) => {
  const element = document.createElement(tag);
  element.append(...children);
  return element;
};

/** Return the elements of a text. */
export function render(text) {
  const lines = text.split("\n");
  const blocks = [];
  while (lines.length) {
    const line = lines.shift();
    const heading = HEADING.exec(line);
    if (FENCE.test(line)) blocks.push(code(lines));
    else if (heading) blocks.push(make(`h${Math.min(6, heading[1].length + 2)}`, inline(heading[2])));
    else if (ITEM.test(line)) blocks.push(list([line, ...follow(lines)]));
    else if (ROW.test(line)) blocks.push(table([line, ...follow(lines)]));
    else if (line && !TAG.test(line)) blocks.push(make("p", inline([line, ...follow(lines)].join(" "))));
  }
  return blocks;
}

/** Take the lines up to an empty one, or to another block. */
function follow(lines) {
  const end = lines.findIndex(line => !line.trim() || FENCE.test(line) || HEADING.test(line));
  return lines.splice(0, end < 0 ? lines.length : end);
}

function code(lines) {
  const end = lines.findIndex(line => FENCE.test(line));
  const block = make("pre", [make("code", [lines.splice(0, end < 0 ? lines.length : end).join("\n")])]);
  lines.shift();
  block.tabIndex = 0; // it may be too wide, and arrow keys scroll it
  return block;
}

function list(lines) {
  const items = [];
  for (const line of lines) {
    const item = ITEM.exec(line);
    if (item) items.push(item[1]);
    else items.push(`${items.pop()} ${line.trim()}`);
  }
  return make(
    lines[0].startsWith("-") ? "ul" : "ol",
    items.map(item => make("li", inline(item))),
  );
}

function table(lines) {
  const rows = lines.map(line => ROW.exec(line)?.[1].split("|") ?? []);
  const cells = (row, tag) =>
    make(
      "tr",
      row.map(cell => make(tag, inline(cell.trim()))),
    );
  return make("table", [cells(rows[0], "th"), ...rows.slice(2).map(row => cells(row, "td"))]);
}

/** Return text and elements; links to files, which the server does not have, stay text. */
function inline(text) {
  const pieces = [];
  let done = 0;
  for (const match of text.matchAll(INLINE)) {
    const {code, strong, text: words, place} = match.groups;
    pieces.push(text.slice(done, match.index));
    done = match.index + match[0].length;
    if (code) pieces.push(make("code", [code]));
    else if (strong) pieces.push(make("strong", inline(strong)));
    else if (/^https?:/.test(place)) pieces.push(link(words, place));
    else pieces.push(...inline(words));
  }
  return [...pieces, text.slice(done)];
}

function link(words, place) {
  return Object.assign(make("a", inline(words)), {href: place, target: "_blank", rel: "noreferrer"});
}

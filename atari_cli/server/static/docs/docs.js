const $ = id => document.getElementById(id);

/** The server's address, which a proxy may have put below a prefix. */
const SERVER = new URL(".", location).href.replace(/\/$/, "");
$("example").textContent = $("example").textContent.replaceAll("ORIGIN", SERVER);

/** Add an element with a text to another one. */
function add(parent, tag, text = "", name = "") {
  const element = parent.appendChild(document.createElement(tag));
  element.textContent = text;
  element.className = name;
  return element;
}
const named = schema => (schema.$ref ? schema.$ref.split("/").pop() : null);
const kind = schema =>
  named(schema) ||
  schema.enum?.join(" | ") ||
  schema.type ||
  schema.anyOf
    ?.map(kind)
    .filter(one => one !== "null")
    .join(" | ") ||
  "any";

function fields(parent, schema) {
  const table = add(parent, "table");
  for (const [name, field] of Object.entries(schema.properties || {})) {
    const row = table.insertRow();
    add(add(row, "td"), "code", name);
    add(row, "td", kind(field));
    const needed = schema.required?.includes(name)
      ? "required"
      : field.default != null
        ? `default ${field.default}`
        : "";
    add(row, "td", [field.description, needed].filter(Boolean).join(" "));
  }
}

/** Write lists of plain values on one line. */
const compact = text => text.replace(/\[[^[\]{}]*\]/g, list => list.replace(/\s*\n\s*/g, " "));

/** A screen is 100,800 numbers, which nobody reads here. */
const shorten = (_key, value) => (Array.isArray(value) && value.length > 50 ? `… ${value.length} values …` : value);

/** Keep an integer that JavaScript would round, such as a seed, as its text. */
const exact = (_key, value, context) =>
  Number.isInteger(value) && !Number.isSafeInteger(value) && context ? context.source : value;

/** Return the place to send a request to, with the values of path and query, and the headers. */
function address(path, inputs, headers) {
  const query = new URLSearchParams();
  for (const [parameter, input] of inputs)
    if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    else if (parameter.in === "query" && input.value) query.set(parameter.name, input.value);
    else if (input.value) headers[parameter.name] = input.value;
  return SERVER + (query.size ? `${path}?${query}` : path);
}

/** List the replies of an operation, each with its example. */
function listReplies(parent, responses) {
  const table = add(parent, "table");
  for (const [code, reply] of Object.entries(responses)) {
    const row = table.insertRow();
    add(row, "td", code);
    const cell = add(row, "td", reply.description);
    for (const [media, content] of Object.entries(reply.content || {})) {
      add(cell, "div", [media, content.schema && named(content.schema)].filter(Boolean).join(": "));
      if (content.example !== undefined && media === "application/json")
        add(add(cell, "div"), "code", JSON.stringify(content.example));
    }
  }
}

/** Add an operation to the page, with a form to send it. */
function show(path, method, item, api) {
  const details = add($("operations"), "details");
  const summary = add(details, "summary");
  add(summary, "b", `${method.toUpperCase()} `, `method ${method.toUpperCase()}`);
  add(summary, "code", `${path} `);
  add(summary, "span", item.summary);
  if (item.description) add(details, "p", item.description);
  const [media, content] = Object.entries(item.requestBody?.content || {})[0] || [];
  const inputs = (item.parameters || []).map(parameter => {
    const label = add(details, "label", `${parameter.name} (${parameter.in}) ${parameter.description || ""}`);
    const input = add(label, "input");
    input.value = (parameter.in === "path" && parameter.example) || "";
    return [parameter, input];
  });
  const model = content?.schema && named(content.schema);
  if (model) fields(details, api.components.schemas[model]);
  let body = null;
  if (content) {
    body = add(details, "textarea", content.example === undefined ? "" : JSON.stringify(content.example));
    body.rows = 2;
    body.setAttribute("aria-label", "body");
  }
  const button = add(details, "button", "Send");
  listReplies(details, item.responses);
  const output = add(details, "pre");
  output.hidden = true;
  button.onclick = async () => {
    const headers = body ? {"Content-Type": media} : {};
    const place = address(path, inputs, headers);
    output.hidden = false;
    try {
      const reply = await fetch(place, {method: method.toUpperCase(), headers, body: body?.value});
      const isJSON = reply.headers.get("Content-Type")?.startsWith("application/json");
      const text = await reply.text();
      const shown = isJSON ? compact(JSON.stringify(JSON.parse(text, exact), shorten, 2)) : text;
      output.textContent = `${reply.status} ${reply.statusText}\n${shown}`;
    } catch (error) {
      output.textContent = String(error);
    }
  };
}

fetch("openapi.json")
  .then(reply => reply.json())
  .then(api => {
    $("operations").textContent = "";
    if (api.security) {
      const authorized = 'curl -H "Authorization: Bearer $ATARI_TOKEN"';
      $("example").textContent = $("example").textContent.replaceAll("curl", authorized);
    }
    const operations = Object.entries(api.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => [path, method, operation]),
    );
    for (const {name} of api.tags) {
      add($("operations"), "h3", name);
      for (const [path, method, operation] of operations)
        if (operation.tags.includes(name)) show(path, method, operation, api);
    }
    for (const [name, schema] of Object.entries(api.components.schemas)) {
      const details = add($("models"), "details");
      const summary = add(details, "summary");
      add(summary, "code", `${name} `);
      add(summary, "span", schema.description || "");
      fields(details, schema);
    }
  })
  .catch(error => ($("operations").textContent = `openapi.json cannot be read: ${error}`));

const $ = id => document.getElementById(id);
$("example").textContent = $("example").textContent.replaceAll("ORIGIN", location.origin);

/** Add an element with a text to another one. */
function add(parent, tag, text = "", name = "") {
  const element = parent.appendChild(document.createElement(tag));
  element.textContent = text;
  element.className = name;
  return element;
}
const named = schema => schema.$ref ? schema.$ref.split("/").pop() : null;
const kind = schema => named(schema) || schema.enum?.join(" | ") || schema.type
  || schema.anyOf?.map(kind).filter(one => one !== "null").join(" | ") || "any";

function fields(parent, schema) {
  const table = add(parent, "table");
  for (const [name, field] of Object.entries(schema.properties || {})) {
    const row = table.insertRow();
    add(add(row, "td"), "code", name);
    add(row, "td", kind(field));
    const needed = schema.required?.includes(name) ? "required" : field.default != null ? `default ${field.default}` : "";
    add(row, "td", [field.description, needed].filter(Boolean).join(" "));
  }
}

/** Write lists of plain values on one line. */
const compact = text => text.replace(/\[[^[\]{}]*\]/g, list => list.replace(/\s*\n\s*/g, " "));

/** A screen is 100,800 numbers, which nobody reads here. */
const shorten = (key, value) => Array.isArray(value) && value.length > 50 ? `… ${value.length} values …` : value;

function show(path, method, item, api) {
  const details = add($("operations"), "details");
  const summary = add(details, "summary");
  add(summary, "b", method.toUpperCase() + " ", `method ${method.toUpperCase()}`);
  add(summary, "code", path + " ");
  add(summary, "span", item.summary);
  const content = item.requestBody?.content["application/json"];
  const inputs = (item.parameters || []).map(parameter => {
    const label = add(details, "label", `${parameter.name} (${parameter.in})`);
    return [parameter, add(label, "input")];
  });
  const model = content && named(content.schema);
  if (model) fields(details, api.components.schemas[model]);
  let body = null;
  if (content) {
    body = add(details, "textarea", JSON.stringify(content.example ?? {}));
    body.rows = 2;
    body.setAttribute("aria-label", "body");
  }
  const button = add(details, "button", "Send");
  const replies = Object.entries(item.responses).map(([code, reply]) => {
    const schema = reply.content?.["application/json"]?.schema;
    return `${code} ${schema && named(schema) || ""}`.trim();
  });
  add(details, "p", `Replies: ${replies.join(", ").replaceAll(" Refusal", "")}`);
  const output = add(details, "pre");
  output.hidden = true;
  button.onclick = async () => {
    let place = path;
    const headers = body ? {"Content-Type": "application/json"} : {};
    for (const [parameter, input] of inputs)
      if (parameter.in === "path") place = place.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      else if (input.value) headers[parameter.name] = input.value;
    output.hidden = false;
    try {
      const reply = await fetch(place, {method: method.toUpperCase(), headers, body: body?.value});
      const isJSON = reply.headers.get("Content-Type")?.startsWith("application/json");
      const text = isJSON ? compact(JSON.stringify(await reply.json(), shorten, 2)) : await reply.text();
      output.textContent = `${reply.status} ${reply.statusText}\n${text}`;
    } catch (error) { output.textContent = String(error); }
  };
}

fetch("/openapi.json").then(reply => reply.json()).then(api => {
  $("operations").textContent = "";
  for (const [path, item] of Object.entries(api.paths))
    for (const method of ["get", "post", "delete"])
      if (item[method]) show(path, method, item[method], api);
  for (const [name, schema] of Object.entries(api.components.schemas)) {
    const details = add($("models"), "details");
    const summary = add(details, "summary");
    add(summary, "code", name + " ");
    add(summary, "span", schema.description || "");
    fields(details, schema);
  }
}).catch(error => $("operations").textContent = `openapi.json cannot be read: ${error}`);

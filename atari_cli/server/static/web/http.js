// Requests over HTTP.

/** The server wants a token first. */
export class Locked extends Error {}

/** Send a request to a path from that of the page; return a successful response, or throw an error. */
export async function request(path, options = {}) {
  const headers = {"X-Atari-Page": "1", ...options.headers}; // avoids the browser's password prompt
  const response = await fetch(path, {...options, headers}).catch(() => {
    throw new Error("The server does not answer");
  });
  if (response.ok) return response;
  if (response.status === 401) throw new Locked("a token is needed");
  throw new Error(await reason(response));
}

/** Return a JSON document. */
export const get = async path => (await request(path)).json();

/** Send a JSON document. */
export function post(path, document, headers = {}) {
  return request(path, {
    method: "POST",
    headers: {"Content-Type": "application/json", ...headers},
    body: JSON.stringify(document),
  });
}

async function reason(response) {
  try {
    const {detail} = await response.json();
    return typeof detail === "string"
      ? detail
      : detail.map(({loc, msg}) => `${loc.slice(1).join(".")}: ${msg}`).join("; ");
  } catch {
    return `the server answered ${response.status}`;
  }
}

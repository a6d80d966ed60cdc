// The form for the token of a server that has one.

import {$} from "./dom.js";
import {get, Locked, post} from "./http.js";

let open = null;

/** Ask for the token until the server accepts it. A cookie that no script can read keeps it. */
export function login() {
  open ??= new Promise(resolve => {
    const form = $("login").querySelector("form");
    form.onsubmit = async event => {
      event.preventDefault();
      $("wrong").textContent = "";
      $("tab").hidden = true;
      try {
        await post("login", {token: $("token").value});
      } catch (error) {
        $("wrong").textContent = error instanceof Locked ? "That is not the token." : error.message;
        return $("token").select();
      }
      if (await isForgotten()) return;
      $("token").value = "";
      $("login").close();
      open = null;
      resolve();
    };
    $("login").oncancel = event => event.preventDefault();
    $("login").showModal();
    if (location.hash === "#wrong-token") {
      $("wrong").textContent = "The token in the link is wrong.";
      history.replaceState(null, "", location.pathname + location.search);
    }
  });
  return open;
}

/** Return whether the browser has not kept the cookie, and say so. */
async function isForgotten() {
  try {
    await get("games.json");
    return false;
  } catch (error) {
    if (!(error instanceof Locked)) return false;
  }
  const isFramed = window.parent !== window;
  $("wrong").textContent = isFramed
    ? "That is the token, but this browser keeps no cookie for a page within another site's."
    : "That is the token, but this browser keeps no cookie of this page: allow it, then log in again.";
  $("tab").hidden = !isFramed;
  $("tab").href = location.href;
  return true;
}

/** Run a request, again after a login if it needs a token. */
export async function admitted(action) {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof Locked)) throw error;
      await login();
    }
  }
}

// The form for the token of a server that has one.

import {$} from "./dom.js";
import {Locked, post} from "./http.js";

let open = null;

/** Ask for the token until the server accepts it. A cookie that no script can read keeps it. */
export function login() {
  open ??= new Promise(resolve => {
    const form = $("login").querySelector("form");
    form.onsubmit = async event => {
      event.preventDefault();
      $("wrong").textContent = "";
      try {
        await post("/web/login", {token: $("token").value});
      } catch (error) {
        $("wrong").textContent = error instanceof Locked ? "That is not the token." : error.message;
        return $("token").select();
      }
      $("token").value = "";
      $("login").close();
      open = null;
      resolve();
    };
    $("login").oncancel = event => event.preventDefault();
    $("login").showModal();
  });
  return open;
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

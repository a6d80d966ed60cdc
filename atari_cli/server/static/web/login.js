// The form that a server with a token shows.

import {$} from "./dom.js";
import {Locked, post} from "./http.js";

let open = null;

/** Ask for the token until the server takes it. It stays in a cookie that no script can read. */
export function login() {
  return open ??= new Promise(resolve => {
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
}

/** Do what may need a token, and again after the login. */
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

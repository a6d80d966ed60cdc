// The README of the environment, from the server.

import {$} from "./dom.js";
import {get} from "./http.js";
import {admitted} from "./login.js";
import {toast} from "./overlay.js";

$("about").addEventListener("click", async () => {
  try {
    $("words").textContent ||= (await admitted(() => get("/web/metadata"))).readme_content ?? "This server has none.";
    $("readme").showModal();
  } catch (error) {
    toast(error.message);
  }
});

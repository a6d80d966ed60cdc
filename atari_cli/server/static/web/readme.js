// The README of the environment, as the server has it.

import {admitted} from "./login.js";
import {get} from "./server.js";
import {toast} from "./veil.js";

const $ = id => document.getElementById(id);

$("about").addEventListener("click", async () => {
  try {
    $("words").textContent ||= (await admitted(() => get("/web/metadata"))).readme_content ?? "This server has none.";
    $("readme").showModal();
  } catch (error) {
    toast(error.message);
  }
});

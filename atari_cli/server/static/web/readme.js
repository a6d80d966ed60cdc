// The README of the environment, from the server.

import {$} from "./dom.js";
import {get} from "./http.js";
import {admitted} from "./login.js";
import {render} from "./markdown.js";
import {toast} from "./overlay.js";

$("about").addEventListener("click", async () => {
  try {
    if (!$("words").hasChildNodes()) {
      const {readme_content: text} = await admitted(() => get("metadata"));
      $("words").replaceChildren(...render(text ?? "This server has none."));
    }
    $("readme").showModal();
  } catch (error) {
    toast(error.message);
  }
});

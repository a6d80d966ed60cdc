// Recordings: the episode as a file, a file that is dropped, the link to watch.

import {$} from "./dom.js";
import {request} from "./http.js";
import {toast} from "./overlay.js";

/** Let the buttons save the episode of the session that `session()` names. */
export function downloads(session) {
  for (const kind of ["npz", "mp4"]) {
    $(kind).addEventListener("click", async () => {
      $(kind).ariaBusy = "true";
      toast(kind === "mp4" ? "Making the video …" : "Making the recording …");
      try {
        await save(`/web/episode.${kind}`, session(), `episode.${kind}`);
      } catch (error) {
        toast(error.message);
      }
      $(kind).ariaBusy = "false";
    });
  }
}

async function save(path, session, otherwise) {
  const response = await request(path, {headers: {"X-Atari-Session": session}});
  const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? otherwise;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  toast(`Saved ${name}`);
}

/** Call `replay(reply)` with the server's reply to a recording that is dropped or chosen. */
export function drops(replay) {
  const take = async file => {
    if (!file) return;
    toast(`Reading ${file.name} …`);
    try {
      const headers = {"Content-Type": "application/octet-stream"};
      replay(await (await request("/web/replay", {method: "POST", headers, body: file})).json());
    } catch (error) {
      toast(`${file.name}: ${error.message}`);
    }
  };
  const shown = visible => ($("drop").hidden = !visible);
  addEventListener("dragover", event => {
    event.preventDefault();
    shown(event.dataTransfer.types.includes("Files"));
  });
  addEventListener("dragleave", event => event.relatedTarget || shown(false));
  addEventListener("drop", event => {
    event.preventDefault();
    shown(false);
    take(event.dataTransfer.files[0]);
  });
  $("file").addEventListener("change", () => {
    take($("file").files[0]);
    $("file").value = "";
  });
}

/** Show the link for spectators. */
export function watchLink(key) {
  $("watchlink").value = `${location.origin}/web/?watch=${key}`;
}

$("copy").addEventListener("click", async () => {
  $("watchlink").select();
  try {
    await navigator.clipboard.writeText($("watchlink").value);
    toast("Copied");
  } catch {
    toast("Press Ctrl+C to copy"); // only secure pages may write to the clipboard
  }
});

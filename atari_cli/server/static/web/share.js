// Recordings: the episode as a file, a file that is dropped, the link to watch.

import {$} from "./dom.js";
import {request} from "./http.js";
import {admitted} from "./login.js";
import {toast} from "./overlay.js";

/** Offer videos, unless there is a reason why the server makes none. */
export function offer(noVideo) {
  $("mp4").disabled = Boolean(noVideo);
  $("novideo").textContent = noVideo ?? "";
}

/** Let the buttons save the episode of the session that `session()` names. */
export function downloads(session) {
  for (const kind of ["npz", "mp4"]) {
    $(kind).addEventListener("click", async () => {
      $(kind).ariaBusy = "true";
      toast(kind === "mp4" ? "Making the video …" : "Making the recording …");
      try {
        await save(`episode.${kind}`, session(), `episode.${kind}`);
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

/** Send a recording to the server; return the session that replays it. */
export async function send(recording) {
  const headers = {"Content-Type": "application/octet-stream"};
  const reply = await admitted(() => request("replay", {method: "POST", headers, body: recording}));
  return (await reply.json()).session_id;
}

/** Call `replay(session, file)` after a recording was dropped or chosen, and sent. */
export function drops(replay) {
  const take = async file => {
    if (!file) return;
    const read = toast(`Reading ${file.name} …`);
    try {
      replay(await send(file), file);
      read();
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
  $("watchlink").value = new URL(`./?watch=${key}`, location).href;
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

// Whether the server can be reached, what was said before, and what it says from now on.

import { $ } from "./nodes.js";

const broken = new Set();
let bannerTimer = null;
let stream = null;
let heard = 0;               // the newest reply that this device was given
let wake = () => {};

export const backoff = (attempt) => Math.min(30, 2 ** attempt) * (0.8 + 0.4 * Math.random());

export function pause(seconds, wakeable) {
  return new Promise((resolve) => {
    if (wakeable) wake = resolve;
    setTimeout(resolve, seconds * 1000);
  });
}

// Each part of the page tells how it fares; one that can't get through is enough for the banner.
export function connected(part, good) {
  broken[good ? "delete" : "add"](part);
  if (broken.size) {
    bannerTimer ??= setTimeout(() => { $("banner").hidden = false; }, 1200);       // a hiccup is not worth a word
  } else {
    clearTimeout(bannerTimer);
    bannerTimer = null;
    $("banner").hidden = true;
  }
}

// The conversation until now; null where she is not logged in. Tries until the server answers.
export async function history() {
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await fetch("/chat/history", { cache: "no-store" });
      if (answer.status === 401) return null;
      if (answer.ok) {
        const past = await answer.json();
        heard = past.last;
        return past;
      }
    } catch { /* no network: try again */ }
    $("opening-text").textContent = "连接断开，正在重连…";
    await pause(backoff(attempt), true);
  }
}

export function listen(onReply, onEnd) {
  hangUp();
  const mine = stream = new EventSource(`/chat/events?after=${heard}`);
  mine.onopen = () => { connected("stream", true); wake(); };
  mine.onmessage = ({ data }) => {
    const reply = JSON.parse(data);
    heard = Math.max(heard, Number(reply.id));
    onReply(reply);
  };
  mine.addEventListener("title", ({ data }) => { $("title").textContent = JSON.parse(data); });
  mine.onerror = () => {
    connected("stream", false);
    // A lost connection the browser renews by itself; after an error status it gives up.
    if (mine.readyState === EventSource.CLOSED) setTimeout(() => { if (stream === mine) onEnd(); }, backoff(2) * 1000);
  };
  // A phone that slept may hold a connection that is dead without knowing it.
  document.onvisibilitychange = () => {
    if (document.hidden || stream !== mine) return;
    wake();
    listen(onReply, onEnd);
  };
}

export function hangUp() {
  stream?.close();
  stream = null;
  broken.clear();
  connected("stream", true);
}

window.addEventListener("online", () => { connected("network", true); wake(); });
window.addEventListener("offline", () => connected("network", false));

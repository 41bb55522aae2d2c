// What is on screen: the bubbles in their order, the choices below them, and where she is reading.

import { myBubble, theirBubble } from "./bubbles.js";
import { $, button, element, onPhone } from "./nodes.js";

const STAMP_MINUTES = 15;
const STAMP = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const NEAR = 60;             // pixels: as good as at the end

const log = $("log"), scroller = $("scroller");
const shown = new Set();     // ids of the replies on screen
let latest = null;           // the reply with the highest id
let choose = () => {};
let following = true;        // until she scrolls away: what arrives comes into view
let readFrom = null;         // the first answer to what she said last: a long one is read from its beginning
let touched = false;         // she has reached for wheel, finger, scroll bar or keys since our last scroll
let fresh = false;           // something arrived while she was reading elsewhere

export const seen = () => latest?.id;

// ---- Bubbles

export function clear() {
  log.replaceChildren();
  delete log.dataset.stamped;
  shown.clear();
  latest = null;
}

export function showTurn({ text, files, at, replies }) {
  if (text || files.length) showMine(text, files, at);
  else stamp(at);
  replies.forEach(showReply);
}

export function showMine(text, names, at = Date.now()) {
  stamp(at);
  const node = myBubble(text, names);
  log.append(node);
  readFrom = null;
  return node;
}

// Answers and events bring the same replies in any order; each belongs above what is still waiting to be sent.
export function showReply(reply) {
  if (shown.has(reply.id)) return;
  shown.add(reply.id);
  const node = theirBubble(reply);
  const newest = Number(reply.id) > Number(latest?.id ?? 0);
  const below = newest ? log.querySelector('[data-sending="waiting"]')
    : [...log.querySelectorAll("[data-reply]")].find((other) => Number(other.dataset.reply) > Number(reply.id));
  log.insertBefore(node, below ?? null);
  if (newest) latest = reply;
  readFrom ??= node;
  fresh ||= !following;
  offerChoices();
}

function stamp(at) {
  const time = new Date(at);
  if (time - (log.dataset.stamped ?? 0) < STAMP_MINUTES * 60000) return;
  log.dataset.stamped = Number(time);
  log.append(element("p", "stamp", STAMP.format(time)));
}

// ---- Choices: those of the newest reply, and none while something is under way.

export function onChoice(act) {
  choose = act;
}

export function offerChoices() {
  const hadFocus = $("choices").contains(document.activeElement);
  const choices = log.querySelector("[data-sending]") ? [] : latest?.choices ?? [];
  $("choices").replaceChildren(...choices.map(({ id, label }) => button("choice", label, () => choose({ choice: id, label }))));
  $("empty").hidden = log.childElementCount > 0;
  if (hadFocus && !onPhone) $("text").focus();
}

// ---- Reading

export function toBottom() {
  following = true;
  readFrom = null;
  settle();
}

const below = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;

function settle() {
  if (following) {
    scroller.scrollTop = readFrom ? readFrom.offsetTop - 12 : scroller.scrollHeight;
    touched = false;
  }
  if (below() < NEAR) fresh = false;
  $("further").hidden = below() < NEAR;
  $("further").textContent = fresh ? "↓ 新消息" : "↓ 往下看";
}

// A scroll alone may be the page growing or shrinking: only one that she has made leads away from what arrives.
function onScroll() {
  if (touched) following = below() < NEAR;
  if (touched && following) readFrom = null;
  settle();
}

function onTouch({ type, key, target }) {
  if (type !== "keydown" || key === "Tab" || target !== $("text")) touched = true;
}

$("further").addEventListener("click", toBottom);
scroller.addEventListener("scroll", onScroll, { passive: true });
for (const type of ["wheel", "touchmove", "pointerdown"]) scroller.addEventListener(type, onTouch, { passive: true });
document.addEventListener("keydown", onTouch);
const observer = new ResizeObserver(settle);
for (const node of [scroller, log, $("choices")]) observer.observe(node);

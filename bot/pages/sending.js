// What she sends: one at a time, in order, each under its own id until it is confirmed or refused.

import { backoff, connected, pause } from "./connection.js";
import { offerChoices, seen, showMine, showReply, toBottom } from "./conversation.js";
import { keep, randomId, recall, remembered } from "./memory.js";
import { button, element, picture } from "./nodes.js";

const FILE_LIMIT_MB = 20;
const STALL_SECONDS = 45;

let queue = [];              // neither confirmed nor withdrawn, oldest first
let onWire = "";             // id of the message that is being delivered
const bytes = new Map();     // files of queued messages, by message id: a reload loses them
const bubbles = new Map();   // bubbles of queued messages, by message id
let onExpired = () => {};
let onReturned = () => {};

const waiting = () => queue.filter((entry) => !entry.error);

// `expired` is called when she is no longer logged in, `returned` with a refused message that she takes back.
export function begin({ expired, returned }) {
  onExpired = expired;
  onReturned = returned;
}

// ---- The queue. Another tab may have changed the stored one: it is read again before every change.

export function send(content, file) {
  const entry = { id: randomId(), seen: seen(), ...content };
  if (file) bytes.set(entry.id, file);
  keepEntry(entry);
  enqueue(entry);
  toBottom();
  drain();
}

export function sendFiles(files) {
  for (const file of files) {
    const size = file.size / 1024 / 1024;
    const error = `这个文件有 ${size.toFixed(1)} MB，超过了每个文件 ${FILE_LIMIT_MB} MB 的上限，没有发送。请压缩或拆分后再发。`;
    send({ name: file.name || "文件", error: size > FILE_LIMIT_MB ? error : undefined }, file);
  }
}

// What an earlier page left; `arrived` are the ids that the server has.
export function restore(arrived) {
  queue = [];
  for (const entry of recall("queue", [])) {
    const lost = entry.name && !bytes.has(entry.id) && !entry.error;
    if (arrived.has(entry.id)) { forgetEntry(entry); continue; }
    enqueue(entry);
    if (lost) refused(entry, "发送时页面刷新了，这个文件可能没有发到。没有看到「已收」的话，请重新选择。");
  }
}

function enqueue(entry) {
  queue.push(entry);
  const node = showMine(entry.text ?? entry.label, entry.name ? [entry.name] : []);
  const file = bytes.get(entry.id);
  if (file?.type.startsWith("image/") && !entry.error) node.querySelector(".file").prepend(picture(URL.createObjectURL(file)));
  node.append(element("div", "status"));
  node.lastChild.setAttribute("aria-live", "off");         // otherwise every percent is read out
  bubbles.set(entry.id, node);
  if (entry.error) return showRefusal(entry);
  node.dataset.sending = "waiting";
  mark(entry, "发送中…");
  offerChoices();
}

function keepEntry(entry) {
  const stored = recall("queue", []);
  const place = stored.findIndex(({ id }) => id === entry.id);
  stored.splice(place < 0 ? stored.length : place, 1, entry);
  keep("queue", stored);
}

function forgetEntry(entry) {
  queue = queue.filter((other) => other !== entry);
  bytes.delete(entry.id);
  delete bubbles.get(entry.id)?.dataset.sending;
  bubbles.delete(entry.id);
  keep("queue", recall("queue", []).filter(({ id }) => id !== entry.id));
}

// ---- Delivery

export async function drain() {
  if (onWire) return;
  while (remembered() && waiting().length) {
    onWire = waiting()[0].id;
    bubbles.get(onWire).dataset.sending = "on the wire";
    await deliver(waiting()[0]);
  }
  onWire = "";
}

async function deliver(entry) {
  const sender = remembered();
  for (let attempt = 0; remembered() === sender; attempt++) {
    mark(entry, "发送中…");
    const { status, body, retryAfter } = await post(entry, bytes.get(entry.id));
    if (remembered() !== sender) return;
    connected("sending", status > 0);
    if (status === 200) return confirmed(entry, body.replies);
    if (status === 401) return onExpired("登录已过期，请重新输入邀请码。没发完的都还在，登录后会接着发。");
    if (status >= 400 && status < 500 && status !== 408 && status !== 429) return refused(entry, body?.error ?? `没有发送成功（${status}）。`);
    if (!status && !(await readable(entry))) return refused(entry, "读不到这个文件了，请重新选择。");
    const seconds = retryAfter || backoff(attempt);
    mark(entry, status ? `${body?.error ?? "系统忙。"}${Math.ceil(seconds)} 秒后自动重发` : "发送中…等待网络");
    await pause(seconds, !retryAfter);
  }
}

function post(entry, file) {
  const request = new XMLHttpRequest();                    // fetch cannot tell how much has been uploaded
  let timer;
  const expectMore = () => { clearTimeout(timer); timer = setTimeout(() => request.abort(), STALL_SECONDS * 1000); };
  return new Promise((resolve) => {
    request.addEventListener("loadend", () => { clearTimeout(timer); resolve(answerOf(request)); });
    request.open("POST", file ? "/chat/files" : "/chat/messages");
    if (file) request.upload.addEventListener("progress", ({ loaded, total }) => { expectMore(); markProgress(entry, loaded / total); });
    else request.setRequestHeader("Content-Type", "application/json");
    expectMore();
    request.send(file ? formOf(entry, file) : JSON.stringify({ id: entry.id, text: entry.text, choice: entry.choice, seen: entry.seen }));
  });
}

function formOf({ id, seen: shown, name }, file) {
  const form = new FormData();
  form.append("id", id);
  if (shown) form.append("seen", shown);
  form.append("file", file, name);
  return form;
}

// A 200 that is not our JSON is the log-in page of a hotel or office network: nothing was delivered.
function answerOf(request) {
  let body = null;
  try { body = JSON.parse(request.responseText); } catch { /* stays null */ }
  const status = request.status === 200 && !body?.replies ? 0 : request.status;
  return { status, body, retryAfter: Number(request.getResponseHeader("Retry-After")) || 0 };
}

async function readable({ id }) {
  try { await bytes.get(id)?.slice(0, 1).arrayBuffer(); return true; } catch { return false; }
}

// ---- Outcomes

function mark(entry, ...content) {
  bubbles.get(entry.id)?.querySelector(".status").replaceChildren(...content);
}

function markProgress(entry, part) {
  const bar = Object.assign(element("progress", ""), { value: part, ariaLabel: "上传进度" });
  mark(entry, bar, part < 1 ? `发送中… ${Math.floor(part * 100)}%` : "正在保存…");
}

function confirmed(entry, replies) {
  mark(entry);
  forgetEntry(entry);
  replies.forEach(showReply);
  offerChoices();
}

function refused(entry, sentence) {
  entry.error = sentence;
  keepEntry(entry);
  showRefusal(entry);
}

function showRefusal(entry) {
  const node = bubbles.get(entry.id);
  const withdraw = () => { node.remove(); forgetEntry(entry); offerChoices(); };
  const row = element("div", "row", button("quiet", "删除", withdraw));
  const again = () => { withdraw(); onReturned(entry); };
  if (!entry.choice) row.prepend(button("quiet", entry.name ? "重新选择" : "修改再发", again));
  mark(entry, Object.assign(element("p", "error", entry.error), { role: "alert" }), row);
  node.classList.add("refused");
  delete node.dataset.sending;
  offerChoices();
}

// Only a file would be lost: words are kept by the device.
window.addEventListener("beforeunload", (event) => { if (waiting().some(({ name }) => name)) event.preventDefault(); });

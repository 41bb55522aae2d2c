// The web chat: shows the conversation, and keeps what she sends until the server has confirmed it.

const FILE_LIMIT_MB = 20;
const STALL_SECONDS = 45;
const STAMP_MINUTES = 15;
const STAMP = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const SPECIAL = /(^【[^】\n]*】[^\n]*|https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]*[\w\-~/#=&%]|\/d\/[\w\-.~%]*[\w\-~%]|回执 ?[0-9A-Z]{4,8}(?!\w))/gm;

const $ = (id) => document.getElementById(id);
const log = $("log"), scroller = $("scroller"), box = $("text");
const onPhone = matchMedia("(pointer: coarse)").matches;

let me = "";                 // whose queue and draft these are: two people may share one phone
let queue = [];              // sent by her, neither confirmed nor withdrawn, oldest first
let onWire = "";             // id of the queued message that is being delivered
const bytes = new Map();     // files of queued messages, by message id: a reload loses them
const bubbles = new Map();   // bubbles of queued messages, by message id
const shown = new Set();     // ids of the replies on screen
let latest = null;           // the reply with the highest id
let atBottom = true;
let scrolledTo = 0;
let stream = null;
let wake = () => {};

const waiting = () => queue.filter((entry) => !entry.error);
const backoff = (attempt) => Math.min(30, 2 ** attempt) * (0.8 + 0.4 * Math.random());

function pause(seconds, wakeable) {
  return new Promise((resolve) => {
    if (wakeable) wake = resolve;
    setTimeout(resolve, seconds * 1000);
  });
}

// crypto.randomUUID is missing on plain http.
function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// ---- What outlives a reload. Storage may be full or forbidden: then memory has to do.

function recall(key, otherwise, shelf = "localStorage") {
  try { return JSON.parse(window[shelf].getItem(`${key} ${me}`)) ?? otherwise; } catch { return otherwise; }
}

function keep(key, value, shelf = "localStorage") {
  try { window[shelf].setItem(`${key} ${me}`, JSON.stringify(value)); } catch { /* see above */ }
}

// Another tab may have changed the stored queue: it is read again before every change.
function keepEntry(entry) {
  const stored = recall("queue", []);
  const place = stored.findIndex(({ id }) => id === entry.id);
  stored.splice(place < 0 ? stored.length : place, 1, entry);
  keep("queue", stored);
}

function forgetEntry(entry) {
  queue = queue.filter((other) => other !== entry);
  bytes.delete(entry.id);
  bubbles.delete(entry.id);
  keep("queue", recall("queue", []).filter(({ id }) => id !== entry.id));
}

// ---- Bubbles. Everything is built as nodes: no text ever becomes HTML.

function element(tag, className, ...content) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...content);
  return node;
}

function button(className, label, act) {
  const node = element("button", className, label);
  node.type = "button";
  node.addEventListener("click", act);
  return node;
}

function anchor(url, className, ...content) {
  return Object.assign(element("a", className, ...content), { href: url, target: "_blank", rel: "noopener noreferrer" });
}

function picture(url) {
  const node = Object.assign(element("img", "preview"), { alt: "", src: url });
  node.addEventListener("error", () => node.remove());     // a format that this browser cannot show
  return node;
}

function specialWord(word) {
  if (word.startsWith("【")) return element("strong", "", word);
  if (word.startsWith("回执")) return element("span", "receipt", word);
  return anchor(word, "", word);
}

function botWords(text) {
  return element("p", "words", ...text.split(SPECIAL).map((part, place) => (place % 2 ? specialWord(part) : part)));
}

function botFile({ name, url }) {
  if (!/^(https?:\/\/|\/(?!\/))/.test(url)) return element("span", "file", element("span", "", name));
  const image = /\.(png|jpe?g|webp)$/i.test(name) ? [picture(url)] : [];
  return anchor(url, "file", ...image, element("span", "", name));
}

function stamp(at) {
  const time = new Date(at);
  if (time - (log.dataset.stamped ?? 0) < STAMP_MINUTES * 60000) return;
  log.dataset.stamped = Number(time);
  log.append(element("p", "stamp", STAMP.format(time)));
}

function showMine(text, names) {
  const node = element("div", "bubble mine", element("span", "unseen", "我："));
  if (text) node.append(element("p", "words", text));
  node.append(...names.map((name) => element("span", "file", element("span", "", name))));
  log.append(node);
  return node;
}

// Answers and events bring the same replies in any order; each belongs above what is still waiting to be sent.
function showReply(reply) {
  if (shown.has(reply.id)) return;
  shown.add(reply.id);
  const node = element("div", "bubble theirs", element("span", "unseen", "助手："));
  node.dataset.reply = reply.id;
  if (reply.text) node.append(botWords(reply.text));
  node.append(...(reply.files ?? []).map(botFile));
  const newest = Number(reply.id) > Number(latest?.id ?? 0);
  const below = newest ? bubbles.get(waiting().find(({ id }) => id !== onWire)?.id)
    : [...log.querySelectorAll("[data-reply]")].find((other) => Number(other.dataset.reply) > Number(reply.id));
  log.insertBefore(node, below ?? null);
  if (newest) latest = reply;
  offerChoices();
  $("newest").hidden = atBottom;
}

function offerChoices() {
  const hadFocus = $("choices").contains(document.activeElement);
  const choices = waiting().length ? [] : latest?.choices ?? [];
  $("choices").replaceChildren(...choices.map(({ id, label }) => button("choice", label, () => send({ choice: id, label }))));
  $("empty").hidden = log.childElementCount > 0;
  if (hadFocus && !onPhone) box.focus();
}

function toBottom() {
  scroller.scrollTop = scroller.scrollHeight;
  atBottom = true;
  $("newest").hidden = true;
}

// ---- Sending: one at a time, in order, each under its own id until it is confirmed or refused.

function send(content, file) {
  const entry = { id: randomId(), seen: latest?.id, ...content };
  if (file) bytes.set(entry.id, file);
  keepEntry(entry);
  enqueue(entry);
  toBottom();
  drain();
}

function sendFiles(files) {
  for (const file of files) {
    const size = file.size / 1024 / 1024;
    const error = `这个文件有 ${size.toFixed(1)} MB，超过了每个文件 ${FILE_LIMIT_MB} MB 的上限，没有发送。请压缩或拆分后再发。`;
    send({ name: file.name || "文件", error: size > FILE_LIMIT_MB ? error : undefined }, file);
  }
}

function enqueue(entry) {
  queue.push(entry);
  stamp(Date.now());
  const node = showMine(entry.text ?? entry.label, entry.name ? [entry.name] : []);
  const file = bytes.get(entry.id);
  if (file?.type.startsWith("image/") && !entry.error) node.querySelector(".file").prepend(picture(URL.createObjectURL(file)));
  node.append(element("div", "status"));
  node.lastChild.setAttribute("aria-live", "off");         // otherwise every percent is read out
  bubbles.set(entry.id, node);
  if (entry.error) showRefusal(entry);
  else mark(entry, "发送中…");
  offerChoices();
}

function mark(entry, ...content) {
  bubbles.get(entry.id)?.querySelector(".status").replaceChildren(...content);
}

function markProgress(entry, part) {
  const bar = Object.assign(element("progress", ""), { value: part, ariaLabel: "上传进度" });
  mark(entry, bar, part < 1 ? `发送中… ${Math.floor(part * 100)}%` : "正在保存…");
}

async function drain() {
  if (onWire) return;
  while (me && waiting().length) {
    onWire = waiting()[0].id;
    await deliver(waiting()[0]);
  }
  onWire = "";
}

async function deliver(entry) {
  const sender = me;
  for (let attempt = 0; me === sender; attempt++) {
    mark(entry, "发送中…");
    const { status, body, retryAfter } = await post(entry, bytes.get(entry.id));
    if (me !== sender) return;
    connected("sending", status > 0);
    if (status === 200) return confirmed(entry, body.replies);
    if (status === 401) return showLogin("登录已过期，请重新输入邀请码。没发完的都还在，登录后会接着发。");
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

function formOf({ id, seen, name }, file) {
  const form = new FormData();
  form.append("id", id);
  if (seen) form.append("seen", seen);
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
  offerChoices();
}

function showRefusal(entry) {
  const withdraw = () => { bubbles.get(entry.id).remove(); forgetEntry(entry); offerChoices(); };
  const again = () => {
    withdraw();
    if (entry.name) return $("files").click();
    setText([box.value, entry.text].filter(Boolean).join("\n"));
    box.focus();
  };
  const row = element("div", "row", button("quiet", "删除", withdraw));
  if (!entry.choice) row.prepend(button("quiet", entry.name ? "重新选择" : "修改再发", again));
  mark(entry, Object.assign(element("p", "error", entry.error), { role: "alert" }), row);
  bubbles.get(entry.id).classList.add("refused");
}

// ---- The connection

const broken = new Set();
let bannerTimer = null;
function connected(part, good) {
  broken[good ? "delete" : "add"](part);
  if (broken.size) {
    bannerTimer ??= setTimeout(() => { $("banner").hidden = false; }, 1200);       // a hiccup is not worth a word
  } else {
    clearTimeout(bannerTimer);
    bannerTimer = null;
    $("banner").hidden = true;
  }
}

function listen() {
  stream?.close();
  const mine = stream = new EventSource(`/chat/events?after=${latest?.id ?? 0}`);
  mine.onopen = () => connected("stream", true);
  mine.onmessage = ({ data }) => showReply(JSON.parse(data));
  mine.onerror = () => {
    connected("stream", false);
    // A lost connection the browser renews by itself; after an error status it gives up.
    if (mine.readyState === EventSource.CLOSED) setTimeout(() => { if (stream === mine) enter(); }, backoff(2) * 1000);
  };
}

async function history() {
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await fetch("/chat/history", { cache: "no-store" });
      if (answer.status === 401) return null;
      if (answer.ok) return await answer.json();
    } catch { /* no network: try again */ }
    $("opening-text").textContent = "连接断开，正在重连…";
    await pause(backoff(attempt), true);
  }
}

// ---- The three views: opening, login, chat

function view(name) {
  for (const id of ["opening", "login", "chat"]) $(id).hidden = id !== name;
}

async function enter() {
  const past = await history();
  if (!past) return showLogin(me ? "登录已过期，请重新输入邀请码。" : "");
  if (me === `${past.person} ${past.society}`) past.turns.forEach(({ replies }) => replies.forEach(showReply));
  else showChat(past);
  listen();
  drain();
}

function showChat({ person, society, title, turns }) {
  me = `${person} ${society}`;
  $("society").textContent = society ?? "学会自评助手";
  $("title").textContent = title;
  $("person").textContent = person;
  document.title = `${society ?? person} · 学会自评助手`;
  log.setAttribute("aria-busy", "true");
  log.replaceChildren();
  delete log.dataset.stamped;
  shown.clear();
  latest = null;
  queue = [];
  turns.forEach(showTurn);
  restoreQueue(new Set(turns.map(({ id }) => id)));
  view("chat");
  setText(recall("draft", ""));
  offerChoices();
  toBottom();
  log.removeAttribute("aria-busy");
  if (!onPhone) box.focus();
}

function showTurn({ text, files, at, replies }) {
  stamp(at);
  if (text || files.length) showMine(text, files);
  replies.forEach(showReply);
}

function restoreQueue(arrived) {
  for (const entry of recall("queue", [])) {
    const lost = entry.name && !bytes.has(entry.id) && !entry.error;
    if (arrived.has(entry.id)) { forgetEntry(entry); continue; }
    enqueue(entry);
    if (lost) refused(entry, "发送时页面刷新了，这个文件可能没有发到。没有看到「已收」的话，请重新选择。");
  }
}

function showLogin(sentence) {
  stream?.close();
  stream = null;
  me = "";
  broken.clear();
  connected("stream", true);
  document.title = "学会自评助手";
  $("login-error").textContent = sentence;
  view("login");
  if (!onPhone) $("code").focus();
}

function takeCodeFromAddress() {
  if (location.hash.length < 2) return;
  try { $("code").value = decodeURIComponent(location.hash.slice(1)); } catch { /* not a code */ }
  window.history.replaceState(null, "", location.pathname + location.search);
}

// The same code keeps its id: asking again after a lost answer must not find the code used up.
async function login() {
  const code = $("code").value.normalize("NFKC").replace(/[^0-9a-z]/gi, "").toUpperCase();
  if (!code) return "请输入邀请码。";
  const before = recall("login", {}, "sessionStorage");
  const attempt = before.code === code ? before : { code, id: randomId() };
  keep("login", attempt, "sessionStorage");
  const answer = await fetch("/chat/login", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(attempt) });
  if (!answer.ok) return (await answer.json().catch(() => null))?.error ?? "系统忙，请稍后再试。";
  $("code").value = "";
  await enter();
  return $("login-error").textContent;
}

async function logout() {
  try {
    const answer = await fetch("/chat/logout", { method: "POST" });
    if (!answer.ok && answer.status !== 401) throw answer;
  } catch { return "网络不通，没能退出，请稍后再试。"; }
  $("leaving").close();
  showLogin("");
  return "";
}

// A press shows that it is being worked on, and cannot be pressed twice.
async function during(pressed, errorId, act) {
  if (pressed.disabled) return;
  pressed.disabled = true;
  $(errorId).textContent = "";
  $(errorId).textContent = await act().catch(() => "网络不通，请检查网络后再试。");
  pressed.disabled = false;
}

// ---- The composer

function setText(text) {
  box.value = text;
  keep("draft", text);
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;              // the style sheet stops it at five lines
}

function sendText() {
  if (!box.value.trim()) return;
  send({ text: box.value.trim() });
  setText("");
}

function onEnter(event) {
  const composing = event.isComposing || event.keyCode === 229;    // Safari ends a composition before the key
  if (event.key !== "Enter" || event.shiftKey || composing || onPhone) return;
  event.preventDefault();
  sendText();
}

// Cells copied from a spreadsheet come as text and as a picture of it: she means the text.
function onPaste(event) {
  const { files, types } = event.clipboardData;
  if (!files.length || types.includes("text/plain")) return;
  event.preventDefault();
  sendFiles(files);
}

function onDrag(event) {
  if ($("chat").hidden || !event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  const over = event.type === "dragover";
  $("chat").classList.toggle("dropping", over);
  if (event.type === "drop") sendFiles(event.dataTransfer.files);
}

// Only moving up leaves the bottom: the page may have grown since the scroll that this event reports.
function onScroll() {
  const movedUp = scroller.scrollTop < scrolledTo;
  scrolledTo = scroller.scrollTop;
  if (scroller.scrollHeight - scrolledTo - scroller.clientHeight < 60) atBottom = true;
  else if (movedUp) atBottom = false;
  if (atBottom) $("newest").hidden = true;
}

// iOS lays its keyboard over the page instead of shrinking it.
function fitViewport() {
  const { height, scale } = window.visualViewport;
  document.documentElement.style.setProperty("--height", `${Math.round(height * scale)}px`);
  window.scrollTo(0, 0);
}

$("composer").addEventListener("submit", (event) => { event.preventDefault(); sendText(); });
$("composer").querySelector(".send").addEventListener("mousedown", (event) => event.preventDefault());   // keeps the keyboard as it is
$("attach").addEventListener("click", () => $("files").click());
$("files").addEventListener("change", () => { sendFiles([...$("files").files]); $("files").value = ""; });
box.addEventListener("input", () => setText(box.value));
box.addEventListener("keydown", onEnter);
box.addEventListener("paste", onPaste);
for (const type of ["dragover", "dragleave", "drop"]) document.addEventListener(type, onDrag);

$("login-form").addEventListener("submit", (event) => { event.preventDefault(); during(event.submitter ?? $("code"), "login-error", login); });
$("logout").addEventListener("click", () => $("leaving").showModal());
$("leave").addEventListener("click", () => during($("leave"), "leaving-error", logout));

$("newest").addEventListener("click", toBottom);
scroller.addEventListener("scroll", onScroll);
const settle = new ResizeObserver(() => { if (atBottom) toBottom(); });
for (const node of [scroller, log, $("choices")]) settle.observe(node);

window.visualViewport?.addEventListener("resize", fitViewport);
window.addEventListener("hashchange", takeCodeFromAddress);
window.addEventListener("online", () => { connected("network", true); wake(); });
window.addEventListener("offline", () => connected("network", false));
window.addEventListener("beforeunload", (event) => { if (waiting().some(({ name }) => name)) event.preventDefault(); });
// A phone that slept may hold a connection that is dead without knowing it.
document.addEventListener("visibilitychange", () => { if (!document.hidden && stream) { wake(); listen(); } });

takeCodeFromAddress();
if (document.documentElement.dataset.visitor === "guest") showLogin("");
else { view("opening"); enter(); }

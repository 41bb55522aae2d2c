// The web chat: opening, login, conversation, and the way from one to the other.

import { focus, restoreDraft, takeBack } from "./composer.js";
import { hangUp, history, listen } from "./connection.js";
import { clear, offerChoices, onChoice, showReply, showTurn, toBottom } from "./conversation.js";
import { keep, randomId, recall, remember, remembered } from "./memory.js";
import { $, onPhone } from "./nodes.js";
import { begin, drain, restore, send } from "./sending.js";

function view(name) {
  for (const id of ["opening", "login", "chat"]) $(id).hidden = id !== name;
}

// ---- The conversation

async function enter() {
  const past = await history();
  if (!past) return showLogin(remembered() ? "登录已过期，请重新输入邀请码。" : "");
  if (remembered() === nameOf(past)) past.turns.forEach(({ replies }) => replies.forEach(showReply));
  else showChat(past);
  listen(showReply, enter);
  drain();
}

const nameOf = ({ person, society }) => `${person} ${society}`;

function showChat(past) {
  const { person, society, title, turns } = past;
  remember(nameOf(past));
  $("society").textContent = society ?? "学会自评助手";
  $("title").textContent = title;
  $("person").textContent = person;
  document.title = `${society ?? person} · 学会自评助手`;
  $("log").setAttribute("aria-busy", "true");
  clear();
  toBottom();
  turns.forEach(showTurn);
  restore(new Set(turns.map(({ id }) => id)));
  view("chat");
  restoreDraft();
  offerChoices();
  $("log").removeAttribute("aria-busy");
  focus();
}

// ---- Coming in

function showLogin(sentence) {
  hangUp();
  remember("");
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
  if (!answer.ok) {
    if (answer.status < 500) keep("login", {}, "sessionStorage");       // refused for good: the next try is another one
    return (await answer.json().catch(() => null))?.error ?? "系统忙，请稍后再试。";
  }
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

// iOS lays its keyboard over the page instead of shrinking it.
function fitViewport() {
  const { height, scale } = window.visualViewport;
  document.documentElement.style.setProperty("--height", `${Math.round(height * scale)}px`);
  window.scrollTo(0, 0);
}

$("login-form").addEventListener("submit", (event) => { event.preventDefault(); during(event.submitter ?? $("code"), "login-error", login); });
$("logout").addEventListener("click", () => $("leaving").showModal());
$("leave").addEventListener("click", () => during($("leave"), "leaving-error", logout));
window.visualViewport?.addEventListener("resize", fitViewport);
window.addEventListener("hashchange", takeCodeFromAddress);

onChoice(send);
begin({ expired: showLogin, returned: takeBack });
takeCodeFromAddress();
if (document.documentElement.dataset.visitor === "guest") showLogin("");
else { view("opening"); enter(); }

// Where she writes, and every way to hand over a file: button, paste, drag and drop.

import { keep, recall } from "./memory.js";
import { $, onPhone } from "./nodes.js";
import { send, sendFiles } from "./sending.js";

const box = $("text");

export function restoreDraft() {
  setText(recall("draft", ""));
}

export function focus() {
  if (!onPhone) box.focus();
}

// A refused message back into her hands, behind what she has begun to write since.
export function takeBack({ name, text }) {
  if (name) return $("files").click();
  setText([box.value, text].filter(Boolean).join("\n"));
  box.focus();
}

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
  $("chat").classList.toggle("dropping", event.type === "dragover");
  if (event.type === "drop") sendFiles(event.dataTransfer.files);
}

$("composer").addEventListener("submit", (event) => { event.preventDefault(); sendText(); });
$("composer").querySelector(".send").addEventListener("mousedown", (event) => event.preventDefault());   // keeps the keyboard as it is
$("attach").addEventListener("click", () => $("files").click());
$("files").addEventListener("change", () => { sendFiles([...$("files").files]); $("files").value = ""; });
box.addEventListener("input", () => setText(box.value));
box.addEventListener("keydown", onEnter);
box.addEventListener("paste", onPaste);
for (const type of ["dragover", "dragleave", "drop"]) document.addEventListener(type, onDrag);

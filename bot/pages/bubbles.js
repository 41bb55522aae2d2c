// How one message looks: words with their headings, links, receipts and lists, and files.

import { anchor, element, picture } from "./nodes.js";

const SPECIAL = /(^【[^】\n]*】[^\n]*|https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]*[\w\-~/#=&%]|\/d\/[\w\-.~%]*[\w\-~%]|回执 ?[0-9A-Z]{4,8}(?!\w))/gm;
const LISTED = /^(\d{1,3}\.|·) /;

export function theirBubble({ id, text, files }) {
  const node = element("div", "bubble theirs", element("span", "unseen", "助手："));
  node.dataset.reply = id;
  if (text) node.append(words(text));
  node.append(...(files ?? []).map(offered));
  return node;
}

export function myBubble(text, names) {
  const node = element("div", "bubble mine", element("span", "unseen", "我："));
  if (text) node.append(element("p", "words", text));
  node.append(...names.map((name) => element("span", "file", element("span", "", name))));
  return node;
}

// Every line keeps its line end, so that what is copied is what was said.
function words(text) {
  return element("p", "words", ...text.split(/(?<=\n)/).flatMap(line));
}

function line(text) {
  const parts = text.split(SPECIAL).map((part, place) => (place % 2 ? special(part) : part));
  return LISTED.test(text) ? [element("span", "listed", ...parts)] : parts;
}

function special(word) {
  if (word.startsWith("【")) return element("strong", "", word);
  if (word.startsWith("回执")) return element("span", "receipt", word);
  return anchor(word, "", word);
}

function offered({ name, url }) {
  if (!/^(https?:\/\/|\/(?!\/))/.test(url)) return element("span", "file", element("span", "", name));
  const image = /\.(png|jpe?g|webp)$/i.test(name) ? [picture(url)] : [];
  return anchor(url, "file", ...image, element("span", "", name));
}

// Building blocks of the page. Everything is built as nodes: no text ever becomes HTML.

export const $ = (id) => document.getElementById(id);
export const onPhone = matchMedia("(pointer: coarse)").matches;

export function element(tag, className, ...content) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...content);
  return node;
}

export function button(className, label, act) {
  const node = element("button", className, label);
  node.type = "button";
  node.addEventListener("click", act);
  return node;
}

export function anchor(url, className, ...content) {
  return Object.assign(element("a", className, ...content), { href: url, target: "_blank", rel: "noopener noreferrer" });
}

export function picture(url) {
  const node = Object.assign(element("img", "preview"), { alt: "", src: url });
  node.addEventListener("error", () => node.remove());     // a format that this browser cannot show
  return node;
}

// What outlives a reload, apart for each person: two people may share one phone.
// Storage may be full or forbidden: then the page's own memory has to do.

let owner = "";

export const remembered = () => owner;

export function remember(person) {
  owner = person;
}

export function recall(key, otherwise, shelf = "localStorage") {
  try { return JSON.parse(window[shelf].getItem(`${key} ${owner}`)) ?? otherwise; } catch { return otherwise; }
}

export function keep(key, value, shelf = "localStorage") {
  try { window[shelf].setItem(`${key} ${owner}`, JSON.stringify(value)); } catch { /* see above */ }
}

// crypto.randomUUID is missing on plain http.
export function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

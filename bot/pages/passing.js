// A slow upload must not look like a dead button; everything works without this.
const form = document.querySelector("form");
const button = form.querySelector("button");
const progress = document.getElementById("progress");
const waiting = progress.textContent;

form.addEventListener("submit", () => {
  button.disabled = true;
  progress.textContent = "正在上传，请等一会儿…";
});

// Brought back from the browser's memory, it is a form again.
addEventListener("pageshow", () => {
  button.disabled = false;
  progress.textContent = waiting;
});

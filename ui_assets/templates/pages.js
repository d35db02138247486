// Pages of documents: turning, zoom, full screen. Run after `chat.js`, whose names it uses. The
// pages come from the server as HTML; nothing is built here.
const ZOOMS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4]; // 1: as wide as its frame
const zoomOf = (frame) => Number(frame.style.getPropertyValue("--zoom")) || 1;

// In a browser whose reader chose the page before, sources that have one show it first.
function showPages(root) {
  if (localStorage.getItem("fonds-view") !== "page") return;
  all('[role="tab"][data-view="page"]', root).forEach((button) => choose(button));
}
function showBox(frame) { // scroll the page so that the first mark and some lines above it are visible
  const box = frame && one(".fonds-box", frame);
  if (!box?.offsetParent) return;
  const seen = frame.clientHeight;
  const { top, bottom } = box.getBoundingClientRect();
  const start = frame.getBoundingClientRect().top;
  if (top < start + seen / 8 || bottom > start + seen - 20) frame.scrollTop += top - start - seen / 3;
  const left = box.getBoundingClientRect().left - frame.getBoundingClientRect().left;
  if (left < 0 || left > frame.clientWidth - 60) frame.scrollLeft += left - 40;
}
function inSight(frame) { // whether the first mark is in the frame
  const box = one(".fonds-box", frame)?.getBoundingClientRect();
  const { left, right, top, bottom } = frame.getBoundingClientRect();
  return !!box && box.left < right && box.right > left && box.top < bottom && box.bottom > top;
}
function zoom(frame, to) { // a mark that is in sight stays so, else what is in the middle stays there
  const marked = inSight(frame);
  const across = (frame.scrollLeft + frame.clientWidth / 2) / frame.scrollWidth;
  const down = (frame.scrollTop + frame.clientHeight / 2) / frame.scrollHeight;
  frame.style.setProperty("--zoom", to);
  frame.scrollLeft = across * frame.scrollWidth - frame.clientWidth / 2;
  frame.scrollTop = down * frame.scrollHeight - frame.clientHeight / 2;
  if (marked) showBox(frame);
  sharpen(frame);
}
function sharpen(frame) { // the large picture where the small one is too coarse
  const picture = one("img", frame);
  const wanted = one(".fonds-sheet", frame).clientWidth * window.devicePixelRatio;
  if (picture?.naturalWidth && wanted > 1.1 * picture.naturalWidth && picture.getAttribute("src") !== picture.dataset.larger)
    picture.src = picture.dataset.larger;
}
const zoomBy = (view, by) => {
  const frame = one(".fonds-page-frame", view);
  const now = zoomOf(frame);
  const next = by > 0 ? ZOOMS.find((z) => z > now) : ZOOMS.findLast((z) => z < now);
  zoom(frame, by === 0 ? 1 : (next ?? now));
};
let turning = Promise.resolve(); // one after the other, however fast the reader turns
const turn = (view, wanted) => (turning = turning.then(() => turned(view, wanted)));
async function turned(view, { by, number }) {
  if (!view.isConnected) return;
  const { number: from, count, large, ...of } = view.dataset;
  const to = number ?? Number(from) + Number(by);
  if (to < 1 || to > Number(count)) return;
  const drawn = await fetchFragment("page", { ...of, large, number: to });
  if (!drawn || !view.isConnected) return;
  const held = view.contains(document.activeElement) ? document.activeElement : null;
  const kept = zoomOf(one(".fonds-page-frame", view));
  const place = view.parentElement;
  place.innerHTML = drawn;
  const frame = one(".fonds-page-frame", place);
  if (!frame) return announce(place.textContent);
  frame.style.setProperty("--zoom", kept);
  showBox(frame);
  announce(one(".fonds-page-name", place).textContent);
  if (!held) return;
  const { do: name, by: same, number: named } = held.dataset;
  const again = all("button", place).find((b) => name && b.dataset.do === name && b.dataset.by === same && b.dataset.number === named);
  (again && !again.disabled ? again : frame).focus({ preventScroll: true });
}
async function fullPage(wanted) {
  const box = one("#fonds-page-dialog");
  one("#fonds-page-body").innerHTML = await fetchFragment("page", { ...wanted, large: 1 });
  if (!box.open) box.showModal();
  const frame = one(".fonds-page-frame", box);
  if (!frame) return one(".fonds-close", box).focus();
  const sheet = one(".fonds-sheet", frame);
  // A page to read: not wider than the lines of a book, and at least half of it to be seen at once.
  const most = (2 * frame.clientHeight * sheet.clientWidth) / sheet.clientHeight;
  frame.style.setProperty("--zoom", Math.min(1, Math.min(1000, most) / frame.clientWidth));
  frame.focus({ preventScroll: true });
  showBox(frame);
}
async function morePages(button) {
  const made = document.createElement("template");
  made.innerHTML = await fetchFragment("thumbnails", given(button));
  const first = made.content.firstElementChild;
  button.replaceWith(made.content);
  first?.focus();
}
Object.assign(clicked, {
  "turn-page": (button) => turn(button.closest(".fonds-page"), button.dataset),
  zoom: (button) => zoomBy(button.closest(".fonds-page"), Number(button.dataset.by)),
  "full-page": (button) => fullPage(given(button)),
  "more-pages": morePages,
});
const pageKeys = {
  "+": (view) => zoomBy(view, 1), "=": (view) => zoomBy(view, 1),
  "-": (view) => zoomBy(view, -1), "0": (view) => zoomBy(view, 0),
  ArrowLeft: (view) => turn(view, { by: -1 }), ArrowRight: (view) => turn(view, { by: 1 }),
};
document.addEventListener("keydown", (event) => {
  const view = event.target.closest?.(".fonds-page") ?? one("#fonds-page-dialog[open] .fonds-page");
  if (!view || !pageKeys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
  const frame = one(".fonds-page-frame", view); // a page wider than its frame scrolls to its edge first
  const rest = frame.scrollWidth - frame.clientWidth - frame.scrollLeft;
  if (event.key === "ArrowRight" && event.target === frame && rest > 1) return;
  if (event.key === "ArrowLeft" && event.target === frame && frame.scrollLeft > 1) return;
  event.preventDefault();
  pageKeys[event.key](view);
});
document.addEventListener("error", (event) => { // a picture that does not come, told in its place
  const told = event.target.tagName === "IMG" && event.target.closest(".fonds-sheet")?.querySelector("p");
  if (told) told.hidden = false;
}, true);
document.addEventListener("load", (event) => {
  const frame = event.target.tagName === "IMG" && event.target.closest(".fonds-page-frame");
  if (frame) sharpen(frame);
}, true);

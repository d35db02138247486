// The page's script, with `pages.js` after it, run as the `js_on_load` of its header. It opens and closes things, fetches
// fragments of HTML, already escaped, from the server, and sends what the reader does to Python as
// the events "ask" (a question to the archive) and "act" (anything else). It builds no HTML itself.
const WORDS = "WORDS";
const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const say = (key) => WORDS[one(".fonds-shell").dataset.lang][key];
const announce = (text) => { const box = one("#fonds-status"); box.textContent = ""; box.textContent = text; };
const body = document.body;
let marker = null; // the number that the reader came from, for Esc
let linked = /^#exchange-\d+$/.test(location.hash) ? location.hash.slice(1) : ""; // the answer in the page's address
let asked = null; // the conversation or the words that a dialog is about

const given = (button) => ({ ...button.dataset });
const fetchFragment = async (name, wanted) => {
  try { return await server.fragment({ fragment: name, ...wanted }); }
  catch (error) { announce(say("no_response")); return ""; }
};

// Events are sent one at a time, because each step starts from the session of the last one.
const queue = [];
let busy = 0;
function send(event, data) {
  queue.push([event, data]);
  if (!busy) next();
}
function next() {
  clearTimeout(busy);
  busy = 0;
  if (!queue.length) return;
  busy = setTimeout(next, 10_000); // do not wait forever if there is no reply
  const [event, data] = queue.shift();
  if (event === "act") trigger("act", data);
  else trigger("ask", data);
}

// Pages, language, light and dark
function showPage(page) {
  const known = ["ask", "check", "archive", "evaluation"];
  body.dataset.page = known.includes(page) ? page : "ask";
  all(".fonds-head nav a").forEach((link) => {
    if (link.dataset.page === body.dataset.page) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
  if (body.dataset.page === "archive" && one("#fonds-documents")?.dataset.empty) list({});
}
function applyChoices() {
  const chosen = localStorage.getItem("fonds-theme");
  if (chosen) body.classList.toggle("dark", chosen === "dark");
  document.documentElement.lang = one(".fonds-shell").dataset.lang;
  // Gradio's file box is in the browser's language, not in the one chosen here
  body.style.setProperty("--fonds-drop", JSON.stringify(say("drop")));
  one(".fonds-upload button")?.setAttribute("aria-label", say("drop"));
}
const drawer = (open) => {
  body.classList.toggle("fonds-drawer", open);
  one(".fonds-menu").setAttribute("aria-expanded", String(open));
  (open ? one(".fonds-left button") : one(".fonds-menu"))?.focus();
};

// Evidence
function showSource(link) {
  const target = document.getElementById(link.getAttribute("href").slice(1));
  if (!target) return;
  const evidence = target.closest(".fonds-evidence");
  all(".fonds-evidence").forEach((section) => (section.hidden = section !== evidence));
  all(".fonds-source.is-current").forEach((source) => source.classList.remove("is-current"));
  target.classList.add("is-current");
  body.classList.add("fonds-evidence-open");
  marker = link;
  hideCard();
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "start" });
  all(".fonds-page-frame", target).forEach(showBox);
  const mark = one("mark", target);
  if (!mark?.offsetParent) return; // none, or the page is shown in place of the text
  showMark(mark);
  const end = target.closest(".fonds-scroll").getBoundingClientRect().bottom;
  const { top, bottom, height } = mark.getBoundingClientRect();
  if (Math.min(bottom, top + 120) > end) mark.scrollIntoView({ block: height > 300 ? "start" : "center" });
}
function showMark(mark) { // scroll the excerpt so that the marked words and some text before them are visible
  const excerpt = mark.closest(".fonds-excerpt");
  const below = mark.getBoundingClientRect().top - excerpt.getBoundingClientRect().top;
  if (below < 0 || below + mark.offsetHeight > excerpt.clientHeight) excerpt.scrollTop += below - 60;
}
let adding = Promise.resolve(); // one request after the other, however fast the reader clicks
const addPassage = (button) => (adding = adding.then(() => button.isConnected && nextPassage(button)));
async function nextPassage(button) {
  const excerpt = one(".fonds-excerpt", button.parentElement);
  const up = button.dataset.direction === "up";
  const made = document.createElement("template");
  made.innerHTML = await fetchFragment("passage", given(button));
  const piece = made.content.firstElementChild;
  if (!piece) return;
  if (piece.dataset.at === undefined) return button.replaceWith(piece);
  const height = excerpt.scrollHeight;
  excerpt[up ? "prepend" : "append"](piece);
  if (up) excerpt.scrollTop += excerpt.scrollHeight - height;
  else piece.scrollIntoView({ block: "nearest" });
  button.dataset.at = Number(button.dataset.at) + (up ? -1 : 1);
  if (Number(button.dataset.at) < 0) button.remove();
}
async function tab(button) {
  await choose(button);
  localStorage.setItem("fonds-view", button.dataset.view ?? "text");
  button.focus();
}
async function choose(button) { // show the part that a tab stands for
  const pane = document.getElementById(button.getAttribute("aria-controls"));
  const set = all('[role="tab"]', button.parentElement);
  if (button.dataset.document && !pane.childElementCount)
    pane.innerHTML = await fetchFragment("text", given(button));
  set.forEach((other) => {
    const chosen = other === button;
    other.setAttribute("aria-selected", String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = !chosen;
  });
  showBox(one(".fonds-page-frame", pane));
}
async function dialog(name, wanted) {
  const box = one("#fonds-dialog");
  one("#fonds-dialog-body").innerHTML = await fetchFragment(name, wanted);
  if (!box.open) box.showModal();
  one(".fonds-close", box).focus();
  const mark = one("mark", box);
  if (mark) mark.scrollIntoView({ block: "center" });
  else box.scrollTop = 0;
}
let lists = 0;
async function list(wanted) {
  const number = ++lists;
  const box = one("#fonds-documents");
  const shown = one(".fonds-documents", box)?.dataset ?? {};
  const { sort = "", words = "", year = "", page = "0" } = shown;
  const kept = { sort, words, year, page };
  if (["sort", "words", "year"].some((name) => name in wanted)) kept.page = "0";
  const held = one("button:focus", box)?.dataset;
  delete box.dataset.empty;
  const drawn = await fetchFragment("documents", { ...kept, ...wanted });
  if (number !== lists) return; // a newer request has been made
  box.innerHTML = drawn;
  one(".is-current", box)?.scrollIntoView({ block: "center" });
  if (held?.sort) one(`[data-sort$="${held.sort.replace("-", "")}"]`, box)?.focus();
}

// The card over a marker
function card(link) {
  const source = link.getAttribute("href").slice("#source-".length);
  const text = document.getElementById("card-" + source);
  const box = one("#fonds-card");
  if (!text) return;
  box.replaceChildren(...[...text.cloneNode(true).childNodes]);
  box.hidden = false;
  link.setAttribute("aria-describedby", "fonds-card");
  const at = link.getBoundingClientRect();
  const left = Math.min(at.left, window.innerWidth - box.offsetWidth - 12);
  const above = at.top - box.offsetHeight - 8;
  box.style.left = Math.max(12, left) + "px";
  box.style.top = (above > 8 ? above : at.bottom + 8) + "px";
}
function hideCard() {
  const box = one("#fonds-card");
  if (!box || box.hidden) return;
  box.hidden = true;
  all('[aria-describedby="fonds-card"]').forEach((link) => link.removeAttribute("aria-describedby"));
}

// The question box is a Gradio component
function fillQuestion(text) {
  const box = one(".fonds-ask textarea");
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
}
async function copy(button, text) {
  try { await navigator.clipboard.writeText(text); } catch (error) {
    const box = document.createElement("textarea"); // the clipboard needs a secure page
    box.value = text;
    button.after(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  }
  const label = button.textContent;
  button.textContent = say("copied");
  announce(say("copied"));
  setTimeout(() => (button.textContent = label), 1500);
}

const clicked = {
  act: (button) => { send("act", { ...given(button), document: button.dataset.document }); if (button.dataset.act === "open" || button.dataset.act === "new") { body.classList.remove("fonds-drawer"); showPage("ask"); } },
  ask: (button) => send("ask", given(button)),
  page: (button) => { one("#fonds-dialog").close(); showPage(button.dataset.page); history.replaceState(null, "", "#" + button.dataset.page); },
  drawer: () => drawer(!body.classList.contains("fonds-drawer")),
  focus: () => one(".fonds-ask textarea").focus(),
  theme: () => {
    const dark = !body.classList.contains("dark");
    body.classList.toggle("dark", dark);
    localStorage.setItem("fonds-theme", dark ? "dark" : "light");
  },
  language: (button) => {
    document.cookie = `fonds-lang=${button.dataset.lang}; path=/; max-age=31536000; samesite=lax`;
    location.reload();
  },
  source: showSource,
  turn: (link) => one(link.getAttribute("href"))?.scrollIntoView({ block: "start" }),
  passage: addPassage, tab,
  whole: (button) => dialog("whole", given(button)),
  documents: (button) => list(given(button)),
  "in-list": (button) => { one("#fonds-dialog").close(); delete one("#fonds-documents").dataset.empty; showPage("archive"); list({ document: button.dataset.document, words: "", year: "" }); },
  "close-dialog": (button) => button.closest("dialog").close(),
  "close-evidence": () => { body.classList.remove("fonds-evidence-open"); marker?.focus(); },
  "check-words": () => { one("#fonds-check-words").hidden = true; dialog("check", { words: asked }); },
  copy: (button) => copy(button, one(".fonds-copied", button.parentElement).textContent),
  link: (button) => {
    const id = one(".fonds-conversation").dataset.conversation;
    copy(button, `${location.origin}/?c=${encodeURIComponent(id)}#exchange-${button.dataset.turn}`);
  },
  edit: (button) => fillQuestion(one(".fonds-asked", button.closest(".fonds-exchange")).textContent),
  rename: (button) => {
    asked = button.dataset.id;
    one("#fonds-new-title").value = button.dataset.title;
    one("#fonds-rename").showModal();
  },
  delete: (button) => { asked = button.dataset.id; one("#fonds-delete").showModal(); },
  verdict: (button) => send("act", { act: "verdict", ...given(button) }),
  "without-sources": (button) => {
    const boxes = all('[data-form="use"]', button.closest(".fonds-evidence"));
    const documents = boxes.filter((box) => !box.checked).map((box) => box.dataset.document);
    send("ask", { ask: "without-sources", turn: button.dataset.turn, documents });
  },
};
const submitted = {
  "rename-done": (form) => { send("act", { act: "rename", id: asked, title: form.elements.title.value }); form.closest("dialog").close(); },
  "delete-done": (form) => { send("act", { act: "delete", id: asked }); form.closest("dialog").close(); },
  reason: (form) => {
    send("act", { act: "verdict", ...given(form), reason: form.elements.reason.value });
    form.elements.reason.value = "";
    announce(say("saved"));
  },
};
const changed = {
  filters: (form) => send("act", { act: "filters", ...Object.fromEntries(new FormData(form)) }),
  use: (box) => {
    const section = box.closest(".fonds-evidence");
    const left = all('[data-form="use"]', section).some((other) => !other.checked);
    one(".fonds-again-bar", section).hidden = !left;
  },
};
let typing = 0;
const delayed = (task) => { clearTimeout(typing); typing = setTimeout(task, 250); };
const typed = {
  search: (box) => delayed(() => send("act", { act: "search", words: box.value })),
  documents: (box) => delayed(() => list({ words: box.value })),
  filters: (form) => {
    const [low, high] = [form.elements.date_from, form.elements.date_to].map((i) => Number(i?.value));
    if (!low) return;
    const [from, to] = low <= high ? [low, high] : [high, low];
    one("output", form).textContent = `${from}–${to}`;
    all(".fonds-bar", form).forEach((bar) => bar.classList.toggle("is-out", bar.dataset.year < from || bar.dataset.year > to));
  },
};

document.addEventListener("click", (event) => {
  const target = event.target.closest?.("[data-do]");
  if (!event.target.closest?.(".fonds-more")) all(".fonds-more[open]").forEach((more) => (more.open = false));
  if (body.classList.contains("fonds-drawer") && !event.target.closest?.(".fonds-column-left, .fonds-menu, dialog")) drawer(false);
  if (!target || target.tagName === "FORM" || !clicked[target.dataset.do]) return;
  event.preventDefault(); // a link with a query would reload the page
  target.closest(".fonds-more")?.removeAttribute("open");
  clicked[target.dataset.do](target);
});
document.addEventListener("submit", (event) => {
  const task = submitted[event.target.dataset?.do];
  if (task || event.target.closest(".fonds")) event.preventDefault();
  task?.(event.target);
});
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("[data-form]");
  changed[form?.dataset.form]?.(form);
});
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("[data-form]");
  typed[form?.dataset.form]?.(form);
});
for (const kind of ["mouseover", "focusin"]) document.addEventListener(kind, (event) => {
  const link = event.target.closest?.("a.fonds-marker");
  if (link) card(link);
  else if (!event.target.closest?.("#fonds-card")) hideCard();
});
document.addEventListener("selectionchange", () => {
  const chosen = document.getSelection();
  const words = chosen.toString().trim();
  const button = one("#fonds-check-words");
  if (!button) return;
  const inside = (node) => (node?.nodeType === 1 ? node : node?.parentElement)?.closest(".fonds-answer");
  if (words.length < 3 || !inside(chosen.anchorNode) || !inside(chosen.focusNode)) {
    button.hidden = true;
    return;
  }
  asked = words;
  const at = chosen.getRangeAt(0).getBoundingClientRect();
  button.hidden = false;
  button.style.left = Math.max(8, Math.min(at.left, window.innerWidth - button.offsetWidth - 12)) + "px";
  button.style.top = Math.max(8, Math.min(at.bottom + 6, window.innerHeight - 48)) + "px";
});
document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.("#fonds-check-words")) event.preventDefault(); // keeps the selection
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    if (!one("#fonds-card").hidden) return hideCard();
    if (body.classList.contains("fonds-drawer")) return drawer(false);
    if (event.target.closest?.(".fonds-panel") && marker) {
      body.classList.remove("fonds-evidence-open");
      const address = marker.getAttribute("href"); // the answer may have been redrawn
      (marker.isConnected ? marker : one(`.fonds-conversation a[href="${address}"]`))?.focus();
    }
  } else if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    showPage("ask");
    one(".fonds-ask textarea").focus();
  } else if (event.code === "KeyN" && event.altKey) {
    event.preventDefault();
    showPage("ask");
    send("act", { act: "new" });
    one(".fonds-ask textarea").focus();
  } else if (event.target.matches?.('[role="tab"]') && /^Arrow(Left|Right)$/.test(event.key)) {
    const set = all('[role="tab"]', event.target.parentElement);
    const step = event.key === "ArrowRight" ? 1 : set.length - 1;
    tab(set[(set.indexOf(event.target) + step) % set.length]);
  }
});

// After Python has redrawn a part of the page
let seen = ""; // number of exchanges, and whether the last one is waiting
document.addEventListener("fonds:drawn", ({ detail }) => {
  all("[data-value]", detail).forEach((field) => (field.value = field.dataset.value));
  const conversation = one(".fonds-conversation", detail);
  if (conversation) {
    const exchanges = all(".fonds-exchange, .fonds-notice", conversation);
    const waits = one(".fonds-pending", conversation);
    const id = conversation.dataset.conversation;
    const here = new URLSearchParams(location.search).get("c") ?? "";
    if (here !== id && conversation.isConnected) {
      history.replaceState(null, "", id ? `/?c=${encodeURIComponent(id)}` : "/");
    }
    const answer = linked && document.getElementById(linked);
    if (answer) {
      answer.scrollIntoView({ block: "start" });
      answer.classList.add("is-linked");
    } else if (`${exchanges.length}${!!waits}` !== seen) exchanges.at(-1)?.scrollIntoView({ block: "start" });
    seen = `${exchanges.length}${!!waits}`;
  }
  if (one(".fonds-panel", detail)) {
    detail.closest(".fonds-scroll").scrollTop = 0;
    const wanted = linked.replace("exchange", "evidence");
    if (document.getElementById(wanted)) {
      all(".fonds-evidence").forEach((section) => (section.hidden = section.id !== wanted));
      linked = "";
    }
    all("mark", detail).forEach(showMark);
    showPages(detail);
  }
  if (one(".fonds-shell", detail)) { applyChoices(); showPage(body.dataset.page ?? location.hash.slice(1)); }
  if (one(".fonds-report", detail) && one("#fonds-documents") && body.dataset.page === "archive") list({});
  const file = one("#fonds-file", detail);
  if (file) next();
  if (file?.dataset.name) {
    const link = document.createElement("a");
    const bytes = Uint8Array.from(atob(file.textContent), (byte) => byte.charCodeAt(0));
    link.href = URL.createObjectURL(new Blob([bytes], { type: file.dataset.type }));
    link.download = file.dataset.name;
    link.click();
    URL.revokeObjectURL(link.href);
  }
});
watch("value", () => document.dispatchEvent(new CustomEvent("fonds:drawn", { detail: element })));

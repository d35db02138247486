// Links inside the conversation and the panel: open the answer's sources, go to the one named,
// mark it. A new question is scrolled into view. Runs as the `js_on_load` of both parts; it
// reads ids alone, writes classes and `hidden` alone, and asks the server nothing.
element.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (!link) return;
  event.preventDefault(); // following it would reload the page where the address has a query
  const target = document.getElementById(link.getAttribute("href").slice(1));
  if (!target) return;
  const evidence = target.closest(".fonds-evidence");
  if (evidence) {
    document.querySelectorAll(".fonds-evidence").forEach((one) => (one.hidden = one !== evidence));
    document.querySelectorAll(".fonds-source").forEach((one) =>
      one.classList.toggle("is-current", one === target));
    target.focus({ preventScroll: true });
  }
  const mark = target.querySelector("mark");
  const tall = target.offsetHeight > window.innerHeight * 0.6;
  (tall && mark ? mark : target).scrollIntoView({ block: tall && mark ? "center" : "start" });
});

watch("value", () => {
  const questions = element.querySelectorAll(".fonds-exchange, .fonds-notice");
  if (questions.length) questions[questions.length - 1].scrollIntoView({ block: "start" });
  else element.closest(".fonds-scroll").scrollTop = 0; // the panel begins with the new sources
});

// A live run, or several: polls points by cursor, redraws in place, refreshes the parts of the page that changed.
import { Feed } from "./feed.js";
import { drawPanel } from "./panels.js";

const EVERY = 2500, SLOWEST = 30000;
const root = document.querySelector("#curves");
const controls = document.querySelector("#chart-controls");
const trouble = document.querySelector("#curves-trouble");
const figures = [...root.querySelectorAll(".panel")];
const feeds = JSON.parse(root.dataset.feeds).map((feed) => new Feed(feed));
const kept = new URLSearchParams(location.search);
let wait = EVERY, timer, polling = false, fresh = true; // fresh: the page says what the server just said

for (const name of ["x", "smooth"]) {
  if (!kept.has(name)) continue;
  const field = controls.elements[name];
  field.value = kept.get(name);
}

const options = () => {
  const data = new FormData(controls), half = Number(data.get("smooth"));
  return { axis: data.get("x"), half, behind: data.has("raw"), revision: `${data.get("x")}` };
};

const paint = () => {
  const chosen = options();
  document.querySelector("#smooth-out").textContent = chosen.half ? `half-life ${chosen.half} steps` : "off";
  figures.forEach((figure, at) => drawPanel(figure, feeds, { ...chosen, first: at === 0 }));
};

// htmx swaps these; never while the reader holds the slider or stands on a step of their own.
const refresh = (what) => {
  for (const part of document.querySelectorAll(`[data-refresh="${what}"]`)) {
    const slider = part.querySelector("#at");
    if (slider && (slider === document.activeElement || slider.value !== slider.max)) continue;
    if (part.querySelector("input:checked")) continue;
    if (!part.contains(document.querySelector("dialog[open]"))) htmx.trigger(part, "refresh");
  }
};

const poll = async () => {
  if (polling || document.hidden) return;
  polling = true;
  clearTimeout(timer);
  try {
    const live = feeds.filter((feed) => !feed.over || feed.seq < 0);
    const changed = await Promise.all(live.map((feed) => feed.poll(options().axis)));
    root.dataset.read = ""; // from here on an empty panel has no points
    if (changed.some(Boolean)) paint();
    if (changed.some(Boolean) && !fresh) refresh("events");
    if (live.length && !fresh) refresh("beat");
    fresh = false;
    trouble.hidden = true;
    wait = EVERY;
  } catch (error) {
    wait = Math.min(SLOWEST, wait * 2);
    trouble.textContent = `The server does not answer (${error.message}). What is drawn stays; the next try is in ${Math.round(wait / 1000)} seconds.`;
    trouble.hidden = false;
  }
  polling = false;
  if (!feeds.every((feed) => feed.over)) timer = setTimeout(poll, wait);
};

const remember = () => {
  const { axis, half } = options(), query = new URLSearchParams(location.search);
  query.set("x", axis);
  query.set("smooth", half);
  history.replaceState(history.state, "", `?${query}${location.hash}`);
};

controls.addEventListener("input", (event) => {
  remember();
  if (event.target.name !== "x") return paint();
  for (const feed of feeds) feed.forget();
  poll();
});
controls.addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("visibilitychange", poll);
document.addEventListener("themechange", paint);

// The dialog asks before a stop; without it the button works all the same.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (!opener) return;
  event.preventDefault();
  document.getElementById(opener.dataset.open).showModal();
});

// Up and down go from prompt to prompt while the reader is among the samples; left and right are the slider's own.
document.addEventListener("keydown", (event) => {
  if (!event.target.closest?.("#samples") || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  const link = document.querySelector(event.key === "ArrowUp" ? "#prompt-before" : "#prompt-after");
  if (!link) return;
  event.preventDefault();
  link.click();
});

const jump = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const link = document.querySelector(`.jump a[href="#${entry.target.id}"]`);
    if (!entry.isIntersecting || !link) continue;
    document.querySelector(".jump [aria-current]")?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
  }
}, { rootMargin: "-15% 0px -75% 0px" });
for (const link of document.querySelectorAll(".jump a")) {
  const section = document.querySelector(link.hash);
  if (section) jump.observe(section);
}

poll();

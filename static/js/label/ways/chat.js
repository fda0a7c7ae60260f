// A talk with one or two live models. The server keeps it; this page asks how it stands, lets both responses grow at
// one pace (so that speed names nobody), and has one key for each step: Enter says, a digit chooses, E ends, U undoes.
import { nodesOf } from "../nodes.js";
import { post } from "../wire.js";

const LOOK_MS = 250;
const SLOW_LOOK_MS = 2_000; // when the server does not answer
const TICK_MS = 50;
const CATCH_UP = 0.2; // of what is still to be shown, at each tick
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const uuid = () => crypto.randomUUID?.() ?? "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
  (Number(digit) ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (Number(digit) / 4)))).toString(16));

const blank = (count) => {
  const words = document.createElement("p");
  words.className = "muted";
  words.textContent = count === 1 ? "The response to your message will stand here." : "A response to your message will stand here.";
  return words;
};

const bones = () => ["l", "l", "m"].map((width) => {
  const bone = document.createElement("span");
  bone.className = "bone";
  bone.dataset.width = width;
  return bone;
});

export default class Chat {
  constructor({ form, bench, send, changed, reading, owner }) {
    Object.assign(this, { form, bench, send, changed, reading, owner });
    this.dock = form.querySelector(".chat-dock");
    this.message = form.querySelector("#message");
    this.scale = form.querySelector(".scale");
    this.question = form.querySelector("#question");
    this.asked = this.question.textContent;
    this.status = this.dock.querySelector("[data-chat-status]");
    this.message.addEventListener("input", () => this.changed());
    this.message.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.say(); }
      if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); this.message.blur(); }
    });
    this.dock.addEventListener("click", (event) => {
      const act = event.target.closest("[data-chat-act]")?.dataset.chatAct;
      if (act) this[act]();
    });
    for (const group of [this.scale, this.dock.querySelector(".chat-rate")]) {
      group?.addEventListener("click", (event) => {
        if (event.target.matches("input") && event.detail > 0) this.digit(Number(event.target.value));
      });
    }
  }

  open(item) {
    clearTimeout(this.looking);
    clearInterval(this.ticking);
    this.token = item?.token;
    this.talk = null;
    this.item = item;
    this.number = null;
    this.shownTurns = this.unsent = null;
    this.message.value = item?.draft?.text ?? "";
    this.stage("load");
    if (item) this.look();
  }

  // What the server says, or why not. Only the newest call counts.
  async call(where, body = {}) {
    const token = this.token;
    const turn = (this.calls = (this.calls ?? 0) + 1);
    clearTimeout(this.looking);
    if (where !== "look") this.unsent = null;
    const reply = await post(this.dock.dataset[where], { token, owner: this.owner, ...body });
    if (token !== this.token || turn !== this.calls) return null;
    if (reply.kind === "ok") {
      this.stands(reply.data);
      if (where === "look" && this.unsent) this.call(...this.unsent);
    } else if (reply.kind === "refused") {
      if (where !== "look") await this.look();
      this.tell(reply.message);
    } else {
      // Every step knows what it is about, so sending it once more does nothing twice.
      if (where !== "look") this.unsent = [where, body];
      this.later(SLOW_LOOK_MS, "The server does not answer. Nothing is lost: it is sent when it does.");
    }
    return reply;
  }

  look() { return this.call("look"); }

  later(wait, words = "") {
    if (words) this.tell(words);
    clearTimeout(this.looking);
    this.looking = setTimeout(() => this.look(), wait);
  }

  stands(talk) {
    const before = this.talk;
    this.talk = talk;
    this.reading(talk.idle_after_seconds);
    this.tell("");
    if (this.sending && talk.last?.turn > this.sending.after) this.sent();
    this.drawTurns(talk);
    this.drawSides(talk, before);
    this.drawDock(talk);
    if (talk.stage === "wait") this.later(LOOK_MS);
  }

  part(name) { return this.bench.querySelector(`[data-chat="${name}"]`); }
  get sheets() { return [...this.bench.querySelectorAll(".chat-pair .side")]; }

  drawTurns(talk) {
    if (talk.html === this.shownTurns) return;
    this.shownTurns = talk.html;
    this.part("turns").replaceChildren(...nodesOf(talk.html));
    const rail = this.part("rail");
    rail.scrollTop = rail.scrollHeight;
  }

  // The sheets of the turn that is open; empty ones while somebody writes.
  drawSides(talk, before) {
    const number = talk.sides.length ? talk.last.turn : null;
    if (number !== this.number) {
      this.number = number;
      this.shown = before ? 0 : Infinity; // a page that comes back shows at once what is there
      this.settled = false;
      for (const sheet of this.sheets) {
        sheet.setAttribute("aria-busy", "true");
        sheet.querySelector("[data-text]").replaceChildren();
        sheet.querySelector("[data-words]").textContent = "";
        sheet.querySelector("[data-trouble]").hidden = true;
      }
      this.part("sheets").toggleAttribute("data-empty", number === null);
    }
    if (number === null) {
      clearInterval(this.ticking);
      for (const sheet of this.sheets) sheet.querySelector("[data-text]").replaceChildren(blank(this.sheets.length));
      return;
    }
    for (const [index, side] of talk.sides.entries()) {
      this.sheets[index].querySelector("[data-words]").textContent = side.state === "failed" ? "" : side.words;
      this.drawTrouble(this.sheets[index].querySelector("[data-trouble]"), side);
    }
    this.grow();
    clearInterval(this.ticking);
    if (!this.settled) this.ticking = setInterval(() => this.grow(), TICK_MS);
  }

  drawTrouble(box, side) {
    box.hidden = side.state !== "failed";
    if (box.hidden || box.dataset.said === side.words + (side.why ?? "")) return;
    box.dataset.said = side.words + (side.why ?? "");
    const words = document.createElement("p");
    words.textContent = side.words;
    box.replaceChildren(words);
    if (!side.why) return;
    const more = document.createElement("details");
    const title = document.createElement("summary");
    const why = document.createElement("p");
    title.textContent = "Why (may name the model)";
    why.textContent = side.why;
    more.append(title, why);
    box.append(more);
  }

  // Both texts to the same length, until one has no more to come.
  grow() {
    const sides = this.talk?.sides ?? [];
    if (!sides.length || this.settled) return;
    const going = sides.filter((side) => ["waiting", "writing"].includes(side.state));
    const there = going.length
      ? Math.min(...going.map((side) => side.text.length))
      : Math.max(...sides.map((side) => side.text.length));
    const step = calm.matches || this.shown > there ? there : this.shown + Math.max(1, Math.ceil((there - this.shown) * CATCH_UP));
    this.shown = Math.min(there, Math.max(step, 0));
    for (const [index, side] of sides.entries()) {
      const text = this.sheets[index].querySelector("[data-text]");
      const now = side.text.slice(0, this.shown);
      const nothing = !now && ["waiting", "writing"].includes(side.state);
      if (nothing && !text.querySelector(".bone")) text.replaceChildren(...bones());
      else if (!nothing && (text.textContent !== now || text.firstElementChild)) text.textContent = now;
      text.toggleAttribute("data-growing", !nothing);
    }
    if (!going.length && this.shown >= there) this.settle(sides);
  }

  // Everything is there and shown: as it will be read, heard once.
  settle(sides) {
    this.settled = true;
    clearInterval(this.ticking);
    for (const [index, side] of sides.entries()) {
      const text = this.sheets[index].querySelector("[data-text]");
      text.removeAttribute("data-growing");
      if (side.html) text.replaceChildren(...nodesOf(side.html));
      this.sheets[index].setAttribute("aria-busy", "false");
    }
    this.drawDock(this.talk);
  }

  drawDock(talk) {
    const waits = talk.stage === "wait" || (["choose", "broken"].includes(talk.stage) && !this.settled);
    const end = this.dock.querySelector('[data-chat-act="end"]');
    const alone = this.dock.querySelector('[data-chat-act="alone"]');
    end.hidden = !talk.may_end;
    this.dock.querySelector(".chat-write [data-chat-act=back]").hidden = !talk.last;
    alone.hidden = !talk.sides.some((side) => side.state === "done");
    this.dock.querySelector("[data-chat-count]").textContent = `Turn ${Math.min(talk.turns + 1, talk.most_turns)} of at most ${talk.most_turns}`;
    if (this.rating && talk.may_end) return this.stage("rate");
    this.rating = false;
    if (this.item?.change || talk.stage === "over") { this.rating = talk.may_end; return this.stage(talk.may_end ? "rate" : "write"); }
    this.waitingWords(talk);
    this.stage(waits ? "wait" : talk.stage);
  }

  waitingWords(talk) {
    const going = talk.sides.filter((side) => ["waiting", "writing"].includes(side.state));
    const writing = going.filter((side) => side.state === "writing");
    const names = writing.map((side) => side.letter).join(" and ");
    const words = this.shown > 0 && writing.length ? `${this.sheets.length > 1 ? names : "It"} ${writing.length > 1 ? "are" : "is"} writing` : "Waiting for the first words";
    this.dock.querySelector("[data-chat-waiting]").textContent = words;
  }

  stage(name) {
    if (this.dock.dataset.stage === name) return;
    this.dock.dataset.stage = name;
    this.question.textContent = name === "rate" ? this.dock.querySelector("#rate-title").textContent : this.asked;
    for (const input of this.dock.querySelectorAll("input[type=radio]")) input.checked = false;
    const said = {
      choose: "Both responses are finished. Choose the better one.",
      broken: "A response is missing.",
      rate: "Rate the talk.",
    }[name];
    if (said) this.status.textContent = said;
    if (name === "write" && this.talk && !document.querySelector(":popover-open")) this.message.focus({ preventScroll: true });
    else if (name !== "load" && document.activeElement === this.message) this.message.blur();
    if (name === "rate" && this.item?.given?.rating) this.pick("rating", this.item.given.rating);
  }

  tell(words) {
    let note = this.dock.querySelector("[data-chat-note]");
    if (!words) { note?.remove(); return; }
    if (!note) {
      note = document.createElement("p");
      note.className = "fine";
      note.dataset.chatNote = "";
      note.setAttribute("role", "alert");
      this.dock.prepend(note);
    }
    note.textContent = words;
  }

  // Steps of the talk.
  async say() {
    const text = this.message.value.trim();
    if (!text) { this.message.focus(); return; }
    if (this.dock.dataset.stage !== "write") return;
    // Sent again after the connection broke, it is the same message.
    if (this.sending?.text !== text) this.sending = { text, submission: uuid(), after: this.talk.last?.turn ?? 0 };
    this.stage("wait");
    const { submission } = this.sending;
    const reply = await this.call("say", { text, submission });
    if (reply && reply.kind !== "ok" && this.talk) this.drawDock(this.talk);
  }

  // The server has the message.
  sent() {
    this.sending = null;
    this.message.value = "";
    this.changed();
  }

  choose(grade) {
    this.pick("grade", grade);
    return this.call("choose", { turn: this.number, grade });
  }

  alone() { return this.call("choose", { turn: this.number, alone: true }); }
  again() { return this.call("again", { turn: this.number }); }

  async back() {
    if (!this.talk?.last) return;
    const reply = await this.call("back", this.talk.last);
    const text = reply?.data?.text;
    if (text) {
      this.message.value = text;
      this.changed();
    }
  }

  end() {
    if (!this.talk?.may_end) return;
    this.rating = true;
    this.stage("rate");
  }

  rate(rating) {
    this.pick("rating", rating);
    this.rating = false;
    this.send({ outcome: "answer", rating, turns: this.talk.turns });
  }

  // What the page asks of every way.
  digit(number) {
    const { stage } = this.dock.dataset;
    if (stage === "choose" && this.scale?.querySelector(`[value="${number}"]`)) this.choose(number);
    else if (stage === "rate" && number >= 1 && number <= 5) this.rate(number);
    else return false;
    return true;
  }

  key(event) {
    const { stage } = this.dock.dataset;
    const key = event.key.toLowerCase();
    if (key === "e" && stage === "write") this.end();
    else if (key === "m" && stage === "write") this.message.focus();
    else if (key === "r" && stage === "broken") this.again();
    else if (key === "o" && stage === "broken") this.alone();
    else return false;
    return true;
  }

  submit() {
    const { stage } = this.dock.dataset;
    const chosen = this.dock.querySelector(`[name="${stage === "rate" ? "rating" : "grade"}"]:checked`);
    if (stage === "write") this.say();
    else if (chosen) this.digit(Number(chosen.value));
  }

  undo() {
    if (!this.talk || (!this.talk.last && !this.rating)) return false;
    if (this.item?.change) return false;
    if (this.rating && this.talk.stage !== "over") {
      this.rating = false;
      this.drawDock(this.talk);
    } else {
      this.rating = false;
      this.back();
    }
    return true;
  }

  pick(name, value) {
    for (const input of this.dock.querySelectorAll(`[name="${name}"]`)) input.checked = Number(input.value) === value;
  }

  words({ rating, turns }) {
    const word = this.dock.querySelector(`[name="rating"][value="${rating}"]`).closest("label").lastChild.textContent.trim();
    return `${word.toLowerCase()}, after ${turns} turn${turns === 1 ? "" : "s"}`;
  }

  echo() {}
  draft() { return { text: this.message.value }; }
}

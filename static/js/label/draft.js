// A half-written answer and its comment: kept in this browser at every change, on the server a moment later.
import { forget, keys, read, write } from "./store.js";

const PREFIX = "plumbline:draft:";
const LASTS_MS = 7 * 24 * 3_600_000;
const PAUSE_MS = 700;

export class Draft {
  // `partly()` is the answer so far, as its way keeps it.
  constructor(area, partly, send) {
    Object.assign(this, { area, partly, send });
    this.dirty = false;
    area.addEventListener("input", () => this.wrote());
    addEventListener("pagehide", () => this.now({ keepalive: true }));
    document.addEventListener("visibilitychange", () => document.hidden && this.now({ keepalive: true }));
    for (const key of keys(PREFIX)) if (Date.now() - (read(key, {}).at ?? 0) > LASTS_MS) forget(key);
  }

  get value() { return { ...this.partly(), comment: this.area.value }; }

  // What was written on this item: here last, or on the server (another browser).
  open(pair) {
    this.token = pair?.token;
    this.dirty = false;
    const kept = pair && read(PREFIX + pair.token, null);
    this.kept = kept ?? pair?.draft ?? {};
    this.area.value = kept?.comment ?? pair?.comment ?? pair?.draft?.comment ?? "";
    if (kept && kept.comment !== (pair.draft?.comment ?? "")) this.later();
  }

  wrote() {
    if (!this.token) return;
    write(PREFIX + this.token, { ...this.value, at: Date.now() });
    this.later();
  }

  later() {
    this.dirty = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), PAUSE_MS);
  }

  now(options) {
    clearTimeout(this.timer);
    if (this.dirty && this.token) this.send(options);
  }

  close(token) {
    clearTimeout(this.timer);
    this.dirty = false;
    forget(PREFIX + token);
  }
}

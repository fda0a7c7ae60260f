// A half-written comment: kept in this browser at every key, on the server a moment later.
import { forget, keys, read, write } from "./store.js";

const PREFIX = "plumbline:draft:";
const LASTS_MS = 7 * 24 * 3_600_000;
const PAUSE_MS = 700;

export class Draft {
  constructor(area, send) {
    this.area = area;
    this.send = send;
    this.dirty = false;
    area.addEventListener("input", () => this.wrote());
    addEventListener("pagehide", () => this.now({ keepalive: true }));
    document.addEventListener("visibilitychange", () => document.hidden && this.now({ keepalive: true }));
    for (const key of keys(PREFIX)) if (Date.now() - (read(key, {}).at ?? 0) > LASTS_MS) forget(key);
  }

  get value() { return { comment: this.area.value }; }

  // What was written on this pair: here last, or on the server (another browser).
  open(pair) {
    this.token = pair?.token;
    this.dirty = false;
    const kept = pair && read(PREFIX + pair.token, null);
    this.area.value = kept?.comment ?? pair?.comment ?? pair?.draft?.comment ?? "";
    if (kept && kept.comment !== (pair.draft?.comment ?? "")) this.later();
  }

  wrote() {
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

// Reading two long answers: what only one of them says is marked, and markdown can be made quiet. Nothing of the text is
// touched: marks are painted over it, and both stay as they are chosen from item to item.
import { common } from "./words.js";

const WORD = /[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu;
const MOST_WORDS = 4000;
const SIDES = ["a", "b"];

// Every word of a sheet: where it stands, and what it is compared by.
const wordsOf = (sheet) => {
  const walker = document.createTreeWalker(sheet, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    for (const { 0: word, index } of node.data.matchAll(WORD)) {
      found.push({ node, start: index, end: index + word.length, same: word.toLocaleLowerCase() });
    }
  }
  return found;
};

// Common stretches worth standing on: two words or more, or a long one. Marks that break at every "the" cannot be read.
const anchors = (shared, words) => {
  const kept = [];
  for (let at = 0; at < shared.length;) {
    let end = at + 1;
    while (end < shared.length && shared[end].every((place, side) => place === shared[end - 1][side] + 1)) end += 1;
    if (end - at > 1 || words[shared[at][0]].same.length > 3) kept.push(...shared.slice(at, end));
    at = end;
  }
  return kept;
};

// The stretches between common places, from the first word of each to its last.
const stretches = (words, places) => {
  const ranges = [];
  let before = -1;
  for (const place of [...places, words.length]) {
    if (place > before + 1) {
      const [first, last] = [words[before + 1], words[place - 1]];
      ranges.push(new StaticRange({ startContainer: first.node, startOffset: first.start, endContainer: last.node, endOffset: last.end }));
    }
    before = place;
  }
  return ranges;
};

export class Reading {
  constructor(bench, form) {
    this.bench = bench;
    this.differences = form.querySelector('[data-act="differences"]');
    this.plainly = form.querySelector('[data-act="plain"]');
    this.says = form.querySelector("[data-read]");
    this.line = document.querySelector("[data-differences]");
    this.marks = false;
  }

  get sheets() { return [...this.bench.querySelectorAll(".side .prose")]; }

  // Another item lies here.
  shown() {
    const can = this.sheets.length === 2 && "highlights" in CSS;
    this.differences.hidden = this.line.hidden = !can;
    this.paint();
  }

  mark() {
    if (this.differences.hidden) return;
    this.marks = !this.marks;
    this.differences.setAttribute("aria-pressed", String(this.marks));
    this.paint();
  }

  plain() {
    const on = this.bench.toggleAttribute("data-plain");
    this.plainly.setAttribute("aria-pressed", String(on));
  }

  paint() {
    this.says.textContent = "";
    if (!("highlights" in CSS)) return;
    for (const side of SIDES) CSS.highlights.delete(`only-${side}`);
    if (!this.marks || this.differences.hidden) return;
    const words = this.sheets.map(wordsOf);
    const long = words.some((list) => list.length > MOST_WORDS);
    const shared = long ? null : common(...words.map((list) => list.map(({ same }) => same)));
    if (!shared) {
      this.says.textContent = "Too long to compare.";
      return;
    }
    const kept = anchors(shared, words[0]);
    const ranges = words.map((list, side) => stretches(list, kept.map((pair) => pair[side])));
    ranges.forEach((list, side) => CSS.highlights.set(`only-${SIDES[side]}`, new Highlight(...list)));
    const count = ranges[0].length + ranges[1].length;
    this.says.textContent = count ? `${ranges[0].length} marked in A, ${ranges[1].length} in B` : "The same words.";
  }
}

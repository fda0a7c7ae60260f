// What two lists of words share, by the shortest edit (Myers): both sides' words, each marked as common or own.
const MOST_EDITS = 3000; // beyond, the page would stand still

export const tokens = (text) => text.match(/\s+|[^\s]+/g) ?? [];

// Pairs of places [in a, in b] that are common, in order; null where the two differ too much to say.
export const common = (a, b) => {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let tail = 0;
  while (tail < a.length - start && tail < b.length - start && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const middle = shortest(a.slice(start, a.length - tail), b.slice(start, b.length - tail));
  return middle && [
    ...Array.from({ length: start }, (_, at) => [at, at]),
    ...middle.map(([x, y]) => [x + start, y + start]),
    ...Array.from({ length: tail }, (_, at) => [a.length - tail + at, b.length - tail + at]),
  ];
};

const shortest = (a, b) => {
  const most = Math.min(a.length + b.length, MOST_EDITS);
  const reach = new Int32Array(2 * most + 3); // how far diagonal k got, at k + most + 1
  const trace = [];
  for (let edits = 0; edits <= most; edits += 1) {
    trace.push(reach.slice(most - edits, most + edits + 3));
    for (let k = -edits; k <= edits; k += 2) {
      const at = most + 1 + k;
      let x = k === -edits || (k !== edits && reach[at - 1] < reach[at + 1]) ? reach[at + 1] : reach[at - 1] + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      reach[at] = x;
      if (x >= a.length && x - k >= b.length) return walk(trace, a, b);
    }
  }
  return null;
};

const walk = (trace, a, b) => {
  const found = [];
  let [x, y] = [a.length, b.length];
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const reach = trace[edits]; // diagonal k at k + edits + 1
    const k = x - y;
    const at = k + edits + 1;
    const before = k === -edits || (k !== edits && reach[at - 1] < reach[at + 1]) ? k + 1 : k - 1;
    const fromX = edits ? reach[before + edits + 1] : 0;
    const fromY = edits ? fromX - before : 0;
    while (x > fromX && y > fromY) found.push([(x -= 1), (y -= 1)]);
    [x, y] = [fromX, fromY];
  }
  return found.reverse();
};

// What an edit did: stretches { kind: "same" | "out" | "in", text }.
export const changes = (before, after) => {
  const [old, made] = [tokens(before), tokens(after)];
  const parts = [];
  const add = (kind, words) => {
    const text = words.join("");
    if (!text) return;
    if (parts.at(-1)?.kind === kind) parts.at(-1).text += text;
    else parts.push({ kind, text });
  };
  let [x, y] = [0, 0];
  for (const [atX, atY] of [...(common(old, made) ?? []), [old.length, made.length]]) {
    add("out", old.slice(x, atX));
    add("in", made.slice(y, atY));
    if (atX < old.length) add("same", [old[atX]]);
    [x, y] = [atX + 1, atY + 1];
  }
  return parts;
};

export const countWords = (text) => text.match(/\S+/g)?.length ?? 0;

// An order that comes to be: groups of places from best to worst, those of a group tied. Without a page.
export class Order {
  constructor(count, ties = true) { Object.assign(this, { count, ties, groups: [], joining: false, byItself: null }); }

  static of(ranks) { const order = new Order(ranks.length); order.read(ranks); return order; }

  get placed() { return this.groups.flat(); }
  get free() { return Array.from({ length: this.count }, (_, one) => one).filter((one) => !this.placed.includes(one)); }
  get complete() { return this.count > 0 && this.free.length === 0; }
  get last() { return this.groups.at(-1)?.at(-1); }

  // Competition ranks by place; 0 where there is none yet.
  get ranks() {
    const ranks = Array(this.count).fill(0);
    let rank = 1;
    for (const group of this.groups) {
      for (const one of group) ranks[one] = rank;
      rank += group.length;
    }
    return ranks;
  }

  read(ranks) {
    const each = [...new Set(ranks)].sort((a, b) => a - b);
    this.groups = each.map((rank) => [...ranks.keys()].filter((one) => ranks[one] === rank));
  }

  // From a draft, which may be of another item or another time.
  restore(groups) {
    const seen = groups.flat();
    const sound = seen.every((one) => Number.isInteger(one) && one >= 0 && one < this.count) && new Set(seen).size === seen.length;
    if (sound) this.groups = groups.filter((group) => group.length).map((group) => [...group]);
  }

  // The next one in the order; once more takes it out. Where one is left it follows by itself.
  pick(one) {
    const known = this.placed.includes(one);
    this.byItself = null;
    if (known) { this.take(one); return; }
    if (this.joining) this.groups.at(-1).push(one);
    else this.groups.push([one]);
    this.joining = false;
    const [rest, ...more] = this.free;
    if (rest !== undefined && !more.length) {
      this.groups.push([rest]);
      this.byItself = rest;
    }
  }

  // While some have no place: the next one ties with the last. When all have one: the last two tie, or part.
  tie() {
    if (!this.ties || !this.groups.length) return;
    if (!this.complete) { this.joining = !this.joining; return; }
    const group = this.groups.at(-1);
    if (group.length > 1) this.groups.push([group.pop()]);
    else if (this.groups.length > 1) this.groups.at(-2).push(...this.groups.pop());
  }

  back() {
    if (this.joining) { this.joining = false; return; }
    if (this.byItself !== null) this.take(this.byItself);
    this.byItself = null;
    if (this.last !== undefined) this.take(this.last);
  }

  take(one) {
    this.groups = this.groups.map((group) => group.filter((other) => other !== one)).filter((group) => group.length);
    if (!this.groups.length) this.joining = false;
  }

  // `how` it stands to the target: before, after, tie; no target takes it out.
  put(one, target, how) {
    if (one === target) return;
    this.take(one);
    this.byItself = null;
    const at = this.groups.findIndex((group) => group.includes(target));
    if (at < 0) { if (how) this.groups.push([one]); return; }
    if (how === "tie" && this.ties) this.groups[at].push(one);
    else this.groups.splice(how === "before" ? at : at + 1, 0, [one]);
  }

  // One step to the right (1) or left (-1): out of a tie first, else past the neighbour's group.
  step(one, way) {
    const at = this.groups.findIndex((group) => group.includes(one));
    if (at < 0) return;
    const alone = this.groups[at].length === 1;
    const target = alone ? this.groups[at + way]?.[0] : this.groups[at].find((other) => other !== one);
    if (target !== undefined) this.put(one, target, way > 0 ? "after" : "before");
  }
}

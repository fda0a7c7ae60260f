// Progress as ticks: the same drawing as templatetags/labelling.py makes first.
const WIDTH = 600;
const SVG = "http://www.w3.org/2000/svg";

export class Ruler {
  constructor(svg, count, goal) {
    this.svg = svg;
    this.count = count;
    this.goal = goal;
    this.marks = [...svg.querySelectorAll(".done, .put-aside")].map((line) => line.getAttribute("class"));
  }

  push(mark) { this.marks.push(mark); this.draw(); }
  pop() { this.marks.pop(); this.draw(); }
  clear() { this.marks = []; this.draw(); }

  draw() {
    const done = this.marks.length;
    const count = Math.max(this.goal, done + 1);
    const lines = Array.from({ length: count + 1 }, (_, place) => {
      const kind = place === done ? "now" : this.marks[place] ?? "";
      const x = ((place * WIDTH) / count).toFixed(1);
      const top = kind === "now" ? 0 : place % 10 === 0 ? 7.6 : 12.8;
      const line = document.createElementNS(SVG, "line");
      for (const [name, value] of Object.entries({ x1: x, x2: x, y1: top, y2: 20 })) line.setAttribute(name, value);
      if (kind) line.setAttribute("class", kind);
      return line;
    });
    this.svg.replaceChildren(...lines);
    this.count.textContent = done;
  }
}

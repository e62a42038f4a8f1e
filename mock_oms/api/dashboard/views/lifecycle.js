/** The lifecycle as a picture: a box for each state, an arrow for each pair with a transition. */
import { address } from "../api.js";
import { counted } from "../format.js";
import { Table, html } from "../parts.js";

/** The middles of boxes; other states stand below `completed`. */
const PLACES = { start: [78, 132], pending: [454, 132], completed: [830, 132], cancelled: [454, 258] };
/** Half a box; row to row. */
const WIDE = 74, HIGH = 34, BELOW = 126;

const times = (taken) => (taken ? ` ×${taken.toLocaleString("en")}` : "");
const pathOf = (row) => `${row.from} → ${row.to}`;

/** Where a line from its middle to a point leaves a box. */
function border([x, y], [u, v]) {
  const part = Math.min(WIDE / Math.abs(u - x), HIGH / Math.abs(v - y));
  return [x + (u - x) * part, y + (v - y) * part];
}

/** The control points of an arrow between two middles, and where its text is. @returns {any[]} */
function bend([x, y], [u, v]) {
  if (x === u && y === v) return [[x - 64, y - 84], [x + 64, y - 84], [-58, 6], "end"];
  if (x !== u && y !== v) return [[x, v], [x, v], [10, -8], "start"];
  if (Math.abs(x - u) > 400) return [[x, y - 134], [u, y - 134], [0, -9]];
  const back = x > u, half = [(x + u) / 2, (y + v) / 2 + (back ? 44 : 0)];
  return x === u ? [half, half, [10, 2], "start"] : [half, half, [0, back ? 20 : -9]];
}

export function Lifecycle({ life, world, query }) {
  const { states, transitions } = life, about = life.estimated ? "about " : "";
  const middle = (name) => PLACES[name] ?? [830, 132 + BELOW * (states.findIndex((one) => one.name === name) - 3)];

  const arrow = (path) => {
    const rows = transitions.filter((one) => pathOf(one) === path), [from, to] = [rows[0].from, rows[0].to].map(middle);
    const [a, b, [dx, dy], anchor] = bend(from, to), [start, end] = [border(from, a), border(to, b)];
    const [x, y] = [0, 1].map((n) => (start[n] + 3 * a[n] + 3 * b[n] + end[n]) / 8);
    const taken = rows.reduce((sum, row) => sum + row.taken, 0);
    return html`<g class=${taken ? "taken" : "never"}>
      <title>${[path, ...rows.map((row) => row.name + times(row.taken))].join("\n")}</title>
      <path class="line" d=${`M${start}C${a} ${b} ${end}`} />
      <path d="M-8-5 0 0-8 5" transform=${`translate(${end}) rotate(${Math.atan2(end[1] - b[1], end[0] - b[0]) * 57.3})`} />
      <text class="sum" x=${x} y=${y + 9}>${times(taken)}</text>
      ${rows.map((row, n) => html`<text class=${row.taken ? "name" : "name never"} text-anchor=${anchor}
        x=${x + dx} y=${y + dy + 16 * n * Math.sign(dy)}>${row.name + times(row.taken)}</text>`)}</g>`;
  };

  /** A link that filters, or ends that. */
  const box = ({ name, plans }) => {
    const [x, y] = middle(name), chosen = query.state === name;
    const many = about + plans.toLocaleString("en", about && { notation: "compact" });
    return html`<a key=${name} class=${name} aria-label=${`${name} ${many} plan${plans === 1 ? "" : "s"}`}
      aria-current=${chosen} href=${address(`#/${world}/plans`, { ...query, offset: "", state: chosen ? "" : name })}>
      <rect x=${x - WIDE} y=${y - HIGH} width=${2 * WIDE} height=${2 * HIGH} rx="9" />
      <text x=${x} y=${y - 7}>${name}</text> <text class="sum" x=${x} y=${y + 19}>${many}</text></a>`;
  };

  return html`<section class="card lifecycle" aria-label="Lifecycle">
    <svg viewBox=${`0 0 908 ${294 + BELOW * Math.max(0, states.length - 5)}`}>
      <g aria-hidden="true">${[...new Set(transitions.map(pathOf))].map(arrow)}</g>${states.map(box)}</svg>
    <p class="small soft">${transitions.filter((one) => one.taken).length} of ${counted(transitions.length, "transition")} taken,
      ${" "}${counted(life.new, "plan")} created since the start. Dashed: never taken.</p>
    <details><summary>As a table</summary>
      <${Table} caption="Transitions" head=${["From", "To", "Transition", "By", "Taken"]}>${transitions.map((row) => html`
        <tr>${[row.from, row.to, row.name, row.trigger, times(row.taken) || "never"].map((cell) => html`<td>${cell}</td>`)}</tr>`)}<//>
    </details></section>`;
}

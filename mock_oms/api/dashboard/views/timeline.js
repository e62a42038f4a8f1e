/** The life of a plan as a picture: it and each item in a lane, attempts as ticks; hours without news are left out. */
import { millis, moment, ofDay, span } from "../format.js";
import { html } from "../parts.js";

const HOUR = 3.6e6, IDLE = 106, LANE = 44, TOP = 48;
const WORDS = { planned: "placed", out_of_stock: "waiting", not_found: "not found" };

/** What a plan or an item was in turn, from pairs of a word and its beginning. */
const parts = (begun, end) => begun.filter(([, at]) => at).filter(([word], n, all) => word !== all[n - 1]?.[0])
  .map(([word, at], n, all) => ({ word, from: millis(at), to: all[n + 1] ? millis(all[n + 1][1]) : end }))
  .filter((one, n, all) => one.to > one.from || n === all.length - 1);

const lanesOf = ({ plan, state, kind, created, history, items }, end) => [
  { name: `Plan ${plan}`, word: state, life: parts([[state, created], ...history.map((one) => [one.to, one.at])], end) },
  ...items.map((one) => {
    const word = WORDS[one.state] ?? one.state ?? "unknown", begun = [["placed", one.placed_at], [word, one.since]];
    return {
      name: one.sku ?? "no SKU", word: one.location ? `${word} at ${one.location}` : word,
      life: parts([[kind === "captured" ? word : "waiting", created], ...begun], end),
    };
  })];

/** Where times are drawn, all times, where how much is left out, and how wide it is. */
function scale(times) {
  const all = [...new Set(times)].sort((a, b) => a - b), breaks = [], places = { [all[0]]: 44 };
  const gaps = all.slice(1).map((at, n) => at - all[n]), wide = gaps.map((gap) => (gap > HOUR ? 0 : Math.max(9, gap / 6e4)));
  const room = Math.max(480, Math.min(1320, document.documentElement.clientWidth) - 300) - IDLE * wide.filter((one) => !one).length;
  const factor = Math.max(1, Math.min(20, room / wide.reduce((sum, one) => sum + one, 0)));
  let x = 44;
  gaps.forEach((gap, n) => {
    if (!wide[n]) breaks.push([x + 84, gap]);
    places[all[n + 1]] = x += wide[n] ? wide[n] * factor : IDLE;
  });
  return { x: (at) => places[at], all, breaks, width: x + 48 };
}

/** Days and times of day, none over another. */
function written(all, x) {
  let free = 0, day = "";
  return all.filter((at) => x(at) >= free && (free = x(at) + 78)).map((at) => {
    const text = new Date(at).toISOString(), fresh = day !== (day = text.slice(0, 10));
    return html`${fresh && html`<text x=${x(at)} y="12">${day}</text>`}<text x=${x(at)} y="27">${ofDay(text)}</text>`;
  });
}

/** `choose` is called with the number of the attempt that was clicked. */
export function Timeline({ plan, attempts, chosen, choose, time }) {
  const lanes = lanesOf(plan, time), next = plan.next_attempt ? [millis(plan.next_attempt)] : [], bottom = TOP + lanes.length * LANE;
  const tried = attempts.map((one) => ({ ...one, when: millis(one.at) }));
  const ends = lanes.flatMap(({ life }) => life.flatMap((one) => [one.from, one.to]));
  const { x, all, breaks, width } = scale([...ends, ...tried.map((one) => one.when), time, ...next]);
  const said = (at) => (at === time ? "now" : moment(new Date(at).toISOString()));
  const waited = ({ life }, at) => life.some((one) => one.word === "waiting" && one.from <= at && at <= one.to);
  return html`<div class="life">
    <div aria-hidden="true">${lanes.map((one) => html`<div><b class="mono">${one.name}</b><span>${one.word}</span></div>`)}</div>
    <div class="scroll" tabindex="0" role="region" aria-label="Timeline, in UTC">
    <svg aria-hidden="true" text-anchor="middle" width=${width} height=${bottom + 22}>${written(all, x)}
    ${lanes.map((lane, n) => html`<g transform=${`translate(0 ${TOP + n * LANE})`}>${lane.life.map(({ word, from, to }) => {
      const wide = Math.max(3, x(to) - x(from));
      return html`<g class=${`bar ${word}`}><title>${word} for ${span((to - from) / 1000)}</title>
        <rect x=${x(from)} y="9" width=${wide} height="26" rx="4" />
        ${wide > word.length * 8 && html`<text x=${x(from) + 6} y="28">${word}</text>`}</g>`;
    })}</g>`)}
    ${breaks.map(([at, gap]) => html`<text x=${at - 6} y="42">${span(gap / 1000)}</text>${["gap", ""].map((kind) => html`
      <path class=${kind} d=${`M${at - 3} ${TOP}${"l6 4-6 4".repeat((bottom - TOP) / 8)}`} />`)}`)}
    <path d=${`M${x(time)} 32V${bottom}`} /><text x=${x(time) + 3} y=${bottom + 16} text-anchor="end">now</text>
    ${next.map((at) => html`<path class="next" d=${`M${x(at)} 32V${bottom}`} />
      <text x=${x(at) - 3} y=${bottom + 16} text-anchor="start">next</text>`)}
    ${tried.map(({ number, at, when }) => html`<g class=${`tick ${number === chosen && "chosen"}`} onClick=${() => choose(number)}>
      <title>Attempt ${number}, ${moment(at)}</title><rect x=${x(when) - 7} y="32" width="14" height=${bottom - 32} />
      <path d=${lanes.map((lane, n) => (n && !waited(lane, when) ? "" : `M${x(when)} ${TOP + n * LANE + 3}v12`)).join("")} /></g>`)}
    </svg></div>
    <ol class="unseen" aria-label="The timeline in words">${lanes.map(({ name, life }) => html`<li>${name}: ${
      life.map((one) => `${one.word} from ${said(one.from)} to ${said(one.to)}`).join("; ")}.</li>`)}</ol></div>
    <p class="soft small">Ticks are attempts: click one to see what it saw. Not to scale; a zigzag leaves out more than an hour without news.
    ${plan.attempts > tried.length && ` The newest ${tried.length} of ${plan.attempts.toLocaleString("en")} attempts are shown.`}</p>`;
}

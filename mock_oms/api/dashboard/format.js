/** Times, spans and counts as people read them. World time is UTC throughout. */

/** Milliseconds since 1970 of a time of the API. */
export const millis = Date.parse;

/** A time of the API as date and time. */
export const moment = (iso) => (iso ? iso.slice(0, 19).replace("T", " ") : "–");

/** The time of day alone. */
export const ofDay = (iso) => iso.slice(11, 19);

/** Of each unit: its seconds, and how many of it the next larger one has. */
const UNITS = { d: [86400, Infinity], h: [3600, 24], m: [60, 60], s: [1, 60] };

/** Seconds as 1d 2h, 12m 30s or 250 ms. */
export function span(seconds) {
  const size = Math.abs(seconds);
  if (size < 1 && size) return `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
  const parts = Object.entries(UNITS).map(([unit, [one, most]]) => [Math.floor(Math.round(size) / one) % most, unit]);
  const first = parts.findIndex(([count]) => count);
  return parts.slice(first, first + 2).filter(([count]) => count).map((part) => part.join("")).join(" ") || "0s";
}

/** A number with its noun, in the singular for one. */
export const counted = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

/** How fast a clock runs, in words. */
export const pace = (rate) => (rate === 0 ? "frozen" : rate === 1 ? "real time" : `×${rate}`);

/** A transition as a sentence. */
export const sentence = ({ plan, from, to, cause }) => `plan ${plan}${from ? `: ${from} → ${to}` : " was created"} (${cause})`;

/** Text as one word of a shell. */
export const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

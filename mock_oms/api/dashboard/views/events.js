/** What happens from outside: lines of the scenario's timeline, and events. */
import { get, inWorld } from "../api.js";
import { millis, moment, span } from "../format.js";
import { now, worldTime } from "../live.js";
import { Pill, View, html } from "../parts.js";

const FORMS = {
  restock: "restock $sku at $location by $count", sell: "sell $count of $sku at $location", block: "block $location",
  open: "open $location", quota: "set the quota of $location", stock_service: "the stock service goes $state", order: "order $items",
  confirm: "confirm plan $plan", command: "run $run on plan $plan", cancel_item: "cancel one $sku of plan $plan",
  assign: "assign one $sku of plan $plan to $location", refuse: "$location refuses plan $plan", not_found: "one $sku of plan $plan is not found",
};

/** The word of an event, and what is said with it: its only object. */
const saidIn = (event) => Object.entries(event).find(([, value]) => Object(value) === value) ?? ["", {}];

/** An event as a sentence; what has no place in it follows. */
export function sentenceOf(event) {
  const [word, said] = saidIn(event);
  return Object.entries(said).reduce((text, [key, value]) => (text.includes(`$${key}`)
    ? text.replace(`$${key}`, () => [value].flat().join(", ")) : `${text}, ${key} ${value}`), FORMS[word] ?? word);
}

/** Whether an event may matter to a plan; a seeded one has stock of its own. */
const concerns = ({ plan, kind, items }) => (event) => {
  const [word, { plan: named, sku, items: skus = [sku], location }] = saidIn(event);
  return word === "stock_service" || named === plan || items.some((one) => (kind !== "seeded" && skus.includes(one.sku))
    || (!named && !sku && [one, ...one.places].some((place) => place.location === location)));
};

/** The next 5 and the last 10, of a world or of its plan, among 100 lines on each side of now and 100 events. */
export class Outside extends View {
  done = 0;

  async load() {
    const { world } = this.props, [{ lines, count, upcoming }, { events }] = await Promise.all([
      get(inWorld(world, "timeline"), { offset: Math.max(0, this.done - 100), limit: 200 }),
      get(inWorld(world, "events"), { since: Math.max(0, now.facts?.events - 100 || 0) })]);
    this.again ||= Math.abs(count - upcoming - this.done) > 90;
    this.done = count - upcoming;
    return { all: [...lines, ...events].reverse().sort((a, b) => millis(b.at) - millis(a.at)) };
  }

  render() {
    const { plan } = this.props, time = worldTime(), comes = ({ at, done }) => done === false && millis(at) > time;
    if (!this.state.all || !time) return this.errors();
    const all = this.state.all.filter(plan ? concerns(plan) : Object), next = all.filter(comes).length;
    return html`<h2>From outside</h2>${this.errors()}${all[0] ? html`<ul aria-label="From outside">${
      all.slice(Math.max(0, next - 5), next + 10).map((one) => html`<li key=${one.origin ?? one.number}>
        ${comes(one) && html`in <b>${span((millis(one.at) - time) / 1000)}</b> at `}${moment(one.at)}: ${sentenceOf(one)}${" "}
        <span class="soft">(${one.number ? `event ${one.number}` : "the scenario"})</span>
        ${one.refused && html` <${Pill} kind="refused" /> ${one.refused}`}</li>`)}</ul>`
    : html`<p class="soft">${plan ? "Nothing concerns this plan." : "Nothing: no line of a timeline, and no event."}</p>`}`;
  }
}

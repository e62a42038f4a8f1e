/** Clients: how each one polls, and what the client report says of it. */
import { get, inWorld } from "../api.js";
import { counted, millis, span } from "../format.js";
import { now } from "../live.js";
import { Empty, Pill, Table, View, html } from "../parts.js";

/** Milliseconds between two looks; requests of a kind that are looked at, clients, intervals drawn, numbers shown. */
const PACE = 3000, READS = 400, MOST = 20, BARS = 120, NUMBERS = 10;
/** Pixels of a strip, and of a tenfold of time in it: its foot is at 10 ms. */
const HEIGHT = 64, TENFOLD = 13.4;

const high = (seconds) => Math.min(HEIGHT, Math.max(3, (Math.log10(seconds) + 2) * TENFOLD));

export class Clients extends View {
  topics = [];
  at = 0;
  seen;

  load = async () => {
    [this.at, this.seen] = [Date.now(), now.last];
    const of = (part, query) => get(inWorld(this.props.world, part), query);
    const [report, lists, details] = await Promise.all([of("client-report"),
      ...["list", "detail"].map((operation) => of("requests", { operation, limit: READS }))]);
    return { ...report, polls: lists.requests.filter(({ page }) => page < 2), details: details.requests };
  };

  /** What a client asks again and again, and how it is called: its polls of the list; without any, its reads of plans. */
  asked = ({ user_agent: agent, address }) => {
    const own = (one) => one.method === "GET" && one.user_agent === agent && one.client.replace(/:\d+$/, "") === address;
    const polls = this.state.polls.filter(own);
    return polls[1] ? { all: polls, called: "polls of the list" } : { all: this.state.details.filter(own), called: "reads of plans" };
  };

  render() {
    const { clients = [], evicted, loaded } = this.state, { world } = this.props;
    if (loaded && (now.last !== this.seen || now.status !== "live") && Date.now() - this.at > PACE) this.reload();
    return html`${this.errors()}
      ${loaded && !clients.length && html`<${Empty}>No client has asked for anything yet. "This world" shows how.<//>`}
      ${evicted > 0 && html`<p class="soft">${counted(evicted, "older request")} dropped from the journal, and not judged.</p>`}
      ${clients.length > MOST && html`<p class="soft">The ${MOST} with the most requests, of ${clients.length}:</p>`}
      ${clients.slice(0, MOST).map((one) => html`<section class="card" key=${one.user_agent + one.address}>
        <h2>${one.user_agent || "No user agent"} at ${one.address}</h2>
        <p>${counted(one.requests, "request")}: ${Object.entries(one.operations).map(([name, count]) => `${count} ${name}`).join(", ")}.</p>
        <${Strip} ...${this.asked(one)} />
        <${Table} caption=${`Verdicts on ${one.user_agent}`} head=${["Check", "Verdict", "What it did", "Requests"]}>
          ${one.findings.map(({ check, verdict, sentence, numbers }) => html`<tr key=${check}><th scope="row">${check}</th>
            <td><${Pill} kind=${verdict} /></td><td class="wrap">${sentence}</td>
            <td class="wrap">${numbers.slice(0, NUMBERS).map((number) => html`<a href=${`#/${world}/requests/${number}`}>${number}</a> `)}
              ${numbers.length > NUMBERS && `and ${numbers.length - NUMBERS} more`}</td></tr>`)}<//></section>`)}`;
  }
}

/** Each interval between two polls is a bar. */
const Strip = ({ all, called }) => {
  const polls = all.slice(-BARS - 1);
  if (polls.length < 2) return null;
  const gaps = polls.slice(1).map((poll, place) => Math.max(0, millis(poll.wall) - millis(polls[place].wall)) / 1000);
  const width = 100 / Math.max(60, gaps.length);
  const said = `Wall time between its last ${polls.length} ${called}, oldest first: ${span(Math.min(...gaps))} to ${span(Math.max(...gaps))}`;
  return html`<figure class="strip"><svg role="img" aria-label=${said} width="100%" height=${HEIGHT}>
    ${gaps.map((gap, place) => html`<rect class=${gap < 1 ? "bad" : gap < 10 ? "warn" : "good"}
      x=${`${place * width}%`} width=${`${width * 0.8}%`} y=${HEIGHT - high(gap)} height=${high(gap)}>
      <title>${`Request ${polls[place + 1].number} after ${span(gap)}`}</title></rect>`)}
    ${[1, 10].map((mark) => html`<line x2="100%" y1=${HEIGHT - high(mark)} y2=${HEIGHT - high(mark)} />
      <text x="-6" y=${HEIGHT - high(mark) + 4}>${mark} s</text>`)}
  </svg><figcaption class="soft small">${said}. Below 10 s it is busy, below 1 s a burden.</figcaption></figure>`;
};

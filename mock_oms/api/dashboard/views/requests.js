/** Requests: the journal, live and filtered by the address; one request whole. */
import { address, get, inWorld } from "../api.js";
import { moment, quoted, span } from "../format.js";
import { now } from "../live.js";
import { Code, Empty, Field, Pill, Table, View, curl, html, prose, values } from "../parts.js";
import { Clients } from "./clients.js";

/** Requests on a page (with hints, 200 rows), and milliseconds between two looks at what no stream tells. */
const MOST = 100, PACE = 2000;
const CHOICES = {
  operation: "list detail login", status: "200 301 401 403 404 429 500 502 503 504", unmatched: "true false", fault: "true false",
};
/** Text, `of` and id: `of` stands in the address of requests that name no world. */
const TABS = [["This world"], ["No world (wrong token)", "none"], ["Clients", undefined, "clients"]];

const journal = ({ world, query }) => (query.of ? "/_mock/requests" : inWorld(world, "requests"));

const link = ({ world }, query, id = "") => address(`#/${world}/requests/${id}`, query);

export const Requests = (props) => html`<h1>Requests</h1>
  <nav class="row" aria-label="Requests">${TABS.map(([text, of, id = ""]) => html`<a class="tab" href=${link(props, { of }, id)}
    aria-current=${props.id === id && props.query.of === of ? "page" : null}>${text}</a>`)}</nav>
  <${props.id === "clients" ? Clients : props.id ? Whole : Journal} ...${props} />`;

class Journal extends View {
  topics = /** @type {any} */ (["world", "request"]);
  at = 0;

  load = async () => {
    const { of, ...filter } = this.props.query;
    this.at = Date.now();
    const { requests, total } = await get(journal(this.props), { ...filter, limit: MOST });
    const strangers = total || of ? 0 : (await get("/_mock/requests", { limit: 1 })).total;
    return { rows: requests.reverse(), strangers };
  };

  /** The address gets the filter, and the fields theirs from the address. */
  filter = (event) => {
    const query = values(event);
    event.currentTarget.reset();
    location.hash = link(this.props, { ...query, of: this.props.query.of });
  };

  /** Keep the rows as they are, until this is called again or the address changes. */
  hold = () => {
    const { query } = this.props, { rows, held } = this.state;
    this.setState({ held: held?.query === query ? null : { rows, query } });
  };

  clear = () => this.send("DELETE", journal(this.props));

  render() {
    const { props, state } = this, { query } = props, { strangers, loaded } = state;
    const held = state.held?.query === query, { rows = [] } = held ? state.held : state;
    if (loaded && (query.of || !rows.length) && Date.now() - this.at > PACE) this.reload();
    return html`<form class="row" onChange=${this.filter} onSubmit=${(event) => event.preventDefault()}>
        ${Object.entries(CHOICES).map(([name, choices]) => html`<${Field} label=${name}><select name=${name} value=${query[name] ?? ""}>
          ${[...new Set(["", ...choices.split(" "), query[name] ?? ""])].map((one) => html`<option value=${one}>${one || "all"}</option>`)}
        </select><//>`)}
        <${Field} label="plan" name="plan" inputmode="numeric" size="9" defaultValue=${query.plan ?? ""} />
        <button type="button" aria-pressed=${held} onClick=${this.hold}>Hold still</button>
        <button type="button" class="danger push" onClick=${this.clear}>Clear all</button></form>${this.errors()}
      ${rows.length > 0 && html`<${List} rows=${rows} route=${props} />`}
      ${loaded && !rows.length && html`<${Empty}><p>There is no such request yet. ${strangers > 0 && html`
          <strong>But ${strangers} named no world: <a href=${link(props, { of: "none" })}>see why</a>.</strong>`} This makes one:</p>
        <${Code} text=${curl()} /><//>`}
      <div class="pages">${query.before && html`<a href=${link(props, { ...query, before: "" })}>Newest</a>`}
        ${rows.length === MOST && html`<a href=${link(props, { ...query, before: rows[MOST - 1].number })}>Older</a>`}</div>`;
  }
}

const List = ({ rows, route }) => html`<${Table} caption="Requests, newest first"
  head=${["Number", "Arrived", "Status", "Request", "Operation", "Took", "Fault", "Client", "World time"]}>
  ${rows.flatMap((one) => html`<tr key=${one.number} class=${one.hint && "hinted"}>
      <td><a href=${link(route, { of: route.query.of }, one.number)}>${one.number}</a></td><td>${one.wall.slice(11, 23)}</td>
      <td><${Pill} kind=${{ 2: "good", 3: "start", 4: "warn" }[String(one.status)[0]] ?? "bad"} text=${one.status ?? "no answer"} /></td>
      <td class="mono"><strong>${one.method}</strong> ${one.path}${one.query && `?${one.query}`}</td>
      <td>${one.operation ?? "unmatched"}</td><td>${span(one.duration)}</td>
      <td>${one.fault && html`<${Pill} kind="fault" text=${one.fault} />`}</td>
      <td>${one.user_agent.slice(0, 24) || "–"}</td><td>${moment(one.at)}</td></tr>
    ${one.hint && html`<tr key=${`hint ${one.number}`}><td></td>
      <td colspan="8" class="wrap small">Hint: ${prose(one.hint)}</td></tr>`}`)}<//>`;

/** Headers that curl writes by itself, or that promise a body which the journal has not kept. */
const NOT_AGAIN = new Set(["content-length", "transfer-encoding", "expect"]);

/** What sends a request again, to the letter. The journal has a hash of its token; that of the world is known. */
function again({ method, path, query, headers, world }) {
  const kind = method === "GET" ? "-i" : method === "HEAD" ? "-I" : `-i -X ${method}`;
  const sent = headers.filter(([name]) => !NOT_AGAIN.has(name)).map(([name, value]) => {
    const said = world && name === "authorization" ? `${value.split(" ")[0]} ${now.facts?.token}` : value;
    return `-H ${quoted(said ? `${name}: ${said}` : `${name};`)}`;
  });
  return [`curl -g --path-as-is ${kind}`, ...sent, quoted(location.origin + path + (query && `?${query}`))].join(" \\\n  ");
}

class Whole extends View {
  topics = [];

  load = async () => ({ one: await get(`${journal(this.props)}/${this.props.id}`) });

  render() {
    const { one } = this.state;
    if (!one) return this.errors();
    const { headers, answer_headers: answered, ...facts } = one;
    const tables = { "Request and answer": Object.entries(facts), "Headers of the request": headers, "Headers of the answer": answered };
    return html`<${List} rows=${[one]} route=${this.props} /><h2>Copy as curl</h2><${Code} text=${again(one)} />
      ${!one.world && html`<p>The journal keeps only a hash of the token: write your own in its place.</p>`}
      <div class="grid">${Object.entries(tables).map(([title, pairs]) => html`<section><h2>${title}</h2>
        <${Table} caption=${title} head=${["Name", "Value"]}>${pairs.map(([name, value]) => html`
          <tr><th scope="row">${name}</th><td class="mono wrap">${value ?? "–"}</td></tr>`)}<//></section>`)}</div>`;
  }
}

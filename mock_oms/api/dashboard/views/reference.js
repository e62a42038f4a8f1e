/** The control API: each route as its description has it, with a form that sends it; and the vendor's contract. */
import { address, get, reach } from "../api.js";
import { counted, quoted } from "../format.js";
import { Code, Empty, Field, Folded, Pill, View, html, prose } from "../parts.js";
import { Contract } from "./contract.js";
import { Route, routesOf } from "./schema.js";

/** Characters of an answer that are shown. */
const MOST = 100_000;

/** Whether a route changes something: `verify` has a body, and only looks. */
const changes = ({ method, operation }) => method !== "GET" && operation.operationId !== "verify";

/** What is searched. */
const textOf = ({ method, path, operation: { operationId, tags, summary } }) => [method, path, operationId, tags, summary].join(" ").toLowerCase();

/** A form that sends a request, its curl line, and what was answered. */
class Try extends View {
  topics = [];
  state = /** @type {any} */ ({ said: this.start() });

  /** What the fields hold at first: examples, and this world. */
  start() {
    const { route: { parameters, operation: { requestBody } }, world } = this.props;
    const fields = parameters.filter((one) => one.in !== "header")
      .map(({ name, required, schema }) => [name, name === "world" ? world : required && schema.examples?.[0] || ""]);
    const body = requestBody && JSON.stringify(requestBody.content["application/json"].example ?? {}, null, 1);
    return { ...Object.fromEntries(fields), body };
  }

  take = (event) => this.setState({ said: Object.fromEntries(new FormData(event.currentTarget)) });

  run = (event) => {
    event.preventDefault();
    this.setState({ answer: null });
    this.act(async () => {
      const answer = await reach(this.props.route.method, this.path(), { body: this.state.said.body || undefined });
      this.setState({ answer, text: await answer.text() });
    });
  };

  path() {
    const { path, parameters } = this.props.route, { said } = this.state;
    const query = parameters.filter((one) => one.in === "query").map(({ name }) => [name, said[name]]);
    return address(path.replace(/{(\w+)}/g, (_, name) => encodeURIComponent(said[name])), Object.fromEntries(query));
  }

  render() {
    const { route: { method, operation, parameters }, locked } = this.props, { said, answer, text } = this.state;
    const endless = operation.responses[200]?.content?.["text/event-stream"];
    const curl = ["curl", endless && "-N", method !== "GET" && `-X ${method}`, locked && '-H "Authorization: Bearer $MOCK_OMS_CONTROL_TOKEN"',
      said.body && `-H 'Content-Type: application/json' -d ${quoted(said.body)}`, quoted(location.origin + this.path())];
    return html`<form class="card" onSubmit=${this.run} onInput=${this.take}>
      <div class="row">${parameters.filter((one) => one.name in said).map(({ name, required }) => html`
        <${Field} label=${name} name=${name} value=${said[name]} required=${required} />`)}</div>
      ${operation.requestBody && html`<label><span class="soft small">Body</span>
        <textarea name="body" rows=${said.body.split("\n").length + 1} value=${said.body} /></label>`}
      <${Code} text=${curl.filter(Boolean).join(" ")} />
      <div class="row middle">
        ${endless ? html`<span class="soft">This answer does not end: follow it with the line above.</span>` : html`<button>Send</button>`}
        <span role="status">${answer && html`
          Answered <${Pill} kind=${answer.ok ? "good" : "bad"} text=${`${answer.status} ${answer.statusText}`} />`}</span>
      </div>${this.errors()}${answer && shown(text)}</form>`;
  }
}

/** An answer: JSON folded, other text as it is. */
function shown(text) {
  try {
    if (text.length < MOST) return html`<${Folded} value=${JSON.parse(text)} open=${3} />`;
  } catch { /* no JSON */ }
  const more = text.length - MOST;
  return text && html`<pre tabindex="0">${text.slice(0, MOST)}${more > 0 && `\n… and ${counted(more, "character")} more`}</pre>`;
}

export class Reference extends View {
  topics = [];

  load = async () => (this.state.doc || this.props.id ? {} : { doc: await get("/_mock/openapi.json") });

  filter = (event) => location.replace(address(`#/${this.props.world}/api`, { search: event.target.value }));

  render() {
    const { world, id } = this.props;
    const tabs = [["", "Control API"], ["/contract", "The vendor's contract"]];
    return html`<h1>API</h1>
      <nav class="row" aria-label="APIs">${tabs.map(([where, title]) => html`
        <a class="tab" href=${`#/${world}/api${where}`} aria-current=${!id === !where ? "page" : null}>${title}</a>`)}</nav>
      ${id ? html`<${Contract} ...${this.props} />` : this.state.doc ? this.routes() : this.errors()}`;
  }

  routes() {
    const { doc } = this.state, { world, query: { search = "" } } = this.props;
    const locked = doc.security.every((one) => one.controlToken);
    const words = search.toLowerCase().split(" ");
    const routes = routesOf(doc).filter((one) => words.every((word) => textOf(one).includes(word)));
    return html`
      <p>${prose(doc.info.description)} For programs: ${locked
        ? html`<code>/_mock/openapi.json</code>` : html`<a href="/_mock/openapi.json">openapi.json</a>`}.</p>
      <div class="row"><${Field} label="Filter" type="search" value=${search} onInput=${this.filter} />
        <span class="soft" role="status">${counted(routes.length, "route")}</span></div>
      ${!routes.length && html`<${Empty}>No route has these words: take one away.<//>`}
      ${doc.tags.map(({ name, description }) => {
        const inside = routes.filter(({ operation }) => operation.tags[0] === name);
        return inside.length > 0 && html`<section class="card" key=${name}><h2>${name}</h2><p class="soft">${description}</p>
          ${inside.map((route) => html`
            <${Route} key=${route.method + route.path} doc=${doc} route=${route} changes=${changes(route)}>
              <${Try} route=${route} world=${world} locked=${locked} /><//>`)}</section>`;
      })}`;
  }
}

/** The page: which world and view its address names, the head with the clock, and the view. */
import { render } from "./vendor/preact.mjs";
import { access, get } from "./api.js";
import { choose, listen, now, restart } from "./live.js";
import { Component, Field, Pill, html, prose, values } from "./parts.js";
import { Clock } from "./views/clock.js";

/** The views by the word of the address: the title, and the component, whose module comes when it is first shown. */
const VIEWS = {
  plans: ["Plans", async (id) => (id ? (await import("./views/plan.js")).Plan : (await import("./views/plans.js")).Plans)],
  stock: ["Stock", async () => (await import("./views/stock.js")).Stock],
  requests: ["Requests", async () => (await import("./views/requests.js")).Requests],
  faults: ["Faults", async () => (await import("./views/faults.js")).Faults],
  worlds: ["Worlds", async () => (await import("./views/worlds.js")).Worlds],
  api: ["API", async () => (await import("./views/reference.js")).Reference],
};

/** A part of an address; one that is wrongly encoded is itself, and one that would lead to another folder is none. */
function decoded(part) {
  try { part = decodeURIComponent(part); } catch { /* as it is */ }
  return /^[.]{1,2}$/.test(part) ? "" : part;
}

/** What the address means: `#/WORLD/VIEW/ID?QUERY`. */
function routeNow() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [world, view, id = ""] = path.split("/").map(decoded);
  const first = location.pathname.endsWith("/docs") && !location.hash ? "api" : "plans";
  return { world: world || "default", view: Object.hasOwn(VIEWS, view) ? view : first, id, query: Object.fromEntries(new URLSearchParams(query)) };
}

/** What of a route says which view is shown; the rest is its filters. */
const keyOf = ({ world, view, id }) => `${world}/${view}/${id}`;

const toMain = () => document.getElementById("main")?.focus();

class Page extends Component {
  /** @type {any} */
  state = { worlds: [], route: routeNow(), Shown: null, refused: null };

  componentDidMount() {
    const show = () => this.setState({});
    const regularly = (pace, action) => setInterval(() => document.hidden || action(), pace);
    addEventListener("hashchange", this.go);
    listen(show);
    regularly(1000, () => (this.state.missing ? this.go() : show()));
    regularly(5000, this.look);
    this.go();
    this.look();
  }

  go = async () => {
    const route = routeNow(), { href } = location, [title, component] = VIEWS[route.view];
    document.title = `${title}${route.id ? ` ${route.id}` : ""} · ${route.world} · mock_oms`;
    choose(route.world);
    let Shown = null, missing = /** @type {Error | null} */ (null);
    try {
      Shown = await component(route.id);
    } catch {
      missing = new Error(`The mock does not give the page's part "${title}": reload the page when it answers again.`);
    }
    if (href !== location.href) return;
    const other = keyOf(route) !== keyOf(this.state.route);
    if (other) scrollTo(0, 0);
    this.setState({ route, Shown, missing }, () => { if (other && document.activeElement === document.body) toMain(); });
  };

  look = async () => {
    if (now.locked) return;
    try {
      const { worlds } = await get("/_mock/worlds");
      this.setState({ worlds });
      // No event tells how many requests there are.
      if (now.facts) now.facts.requests = worlds.find((one) => one.name === now.world)?.requests ?? 0;
    } catch { /* the stream says what is wrong */ }
  };

  /** Look at the mock if it takes this token. */
  unlock = async (event) => {
    access.token = values(event).token.trim();
    try {
      const { worlds } = await get("/_mock/worlds");
      Object.assign(now, { locked: false, error: null });
      restart();
      this.setState({ worlds, refused: null }, toMain);
    } catch (refused) {
      this.setState({ refused });
    }
  };

  render() {
    const { route, worlds, refused, missing, Shown } = this.state;
    const scenarios = Object.fromEntries(worlds.map(({ name, scenario }) => [name, scenario.name]));
    const names = [...new Set([...worlds.slice(0, 200).map((one) => one.name), route.world])];
    return html`
      <a class="skip" href="#main" onClick=${skip}>To the content</a>
      <header>
        <strong class="brand">mock_oms</strong>
        <select aria-label="World" value=${route.world} onChange=${(event) => { location.hash = `#/${event.target.value}/${route.view}`; }}>
          ${names.map((name) => html`<option value=${name}>${name}${scenarios[name] && ` (${scenarios[name]})`}</option>`)}</select>
        <nav aria-label="Views">${Object.entries(VIEWS).map(([view, [title]]) => html`
          <a href=${`#/${route.world}/${view}`} aria-current=${view === route.view ? "page" : null}>${title}</a>`)}</nav>
        <span class="status" role="status"><${Pill} kind=${now.locked ? "locked" : now.status} /></span>
      </header>
      ${!now.locked && html`<${Clock} key=${route.world} world=${route.world} />`}
      <main id="main" tabindex="-1">${now.locked ? html`<${Lock} unlock=${this.unlock} error=${refused} />` : html`
        <${Failure} error=${now.error ?? missing} />${Shown && html`<${Shown} key=${keyOf(route)} ...${route} />`}`}</main>`;
  }
}

function skip(event) {
  event.preventDefault();
  toMain();
}

const Failure = ({ error }) => error && html`<p class="error" role="alert">${prose(error.message)}</p>`;

const Lock = ({ unlock, error }) => html`
  <form class="card" onSubmit=${unlock}>
    <h1>This mock has a control token</h1>
    <p>Its start has shown it, or <code>--control-token</code> gave it. The page keeps it until you close or reload it.</p>
    <div class="row">
      <${Field} label="Control token"><input name="token" type="password" autocomplete="off" pattern="\\s*[!-~]+\\s*"
        title="Visible ASCII without blanks" required autofocus /><//>
      <button class="main">Look at the mock</button>
    </div>
    <${Failure} error=${error} />
  </form>`;

render(html`<${Page} />`, /** @type {any} */ (document.getElementById("app")));

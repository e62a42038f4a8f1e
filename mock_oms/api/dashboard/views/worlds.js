/** Worlds: the one that is looked at, all others, opening one from a scenario or a snapshot. */
import { ask, get, inWorld, text } from "../api.js";
import { counted, moment, pace } from "../format.js";
import { now, refresh } from "../live.js";
import { Code, Field, Table, View, html, prose, values } from "../parts.js";

const MOST = 200, HEAD = ["World", "Scenario", "Seed", "Clock", "Closes when unused for", "Plans", "Requests", "Close it"];

/** Words without accents in lower case, in which people search. */
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("ı", "i").toLowerCase();

/** Digits as a number of JSON, however large. */
const digits = (text) => /** @type {any} */ (JSON).rawJSON?.(text.replace(/^0+(?=.)/, "")) ?? Number(text);

const go = (world) => { location.hash = `#/${world}/plans`; };

/** Open a world, and look at it. */
const open = async (body) => go((await ask("POST", "/_mock/worlds", body)).name);

/** Save a text as a file. */
function save(download, text) {
  const href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  Object.assign(document.createElement("a"), { href, download }).click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
}

/** A field for the file of a snapshot, which goes to `use` as it is; its view says what goes wrong. */
const Upload = ({ label, view, use }) => html`<${Field} label=${label} type="file" accept=".json" onChange=${({ target }) => view.act(async () => {
  const [file] = target.files;
  target.value = "";
  const snapshot = await file.text();
  try { JSON.parse(snapshot); } catch { throw new Error(`${file.name} is not JSON: choose a file that "Snapshot to a file" has saved.`); }
  await use(snapshot, file.name);
})} />`;

export class Worlds extends View {
  load = () => get("/_mock/worlds");

  close = (name) => this.act(async () => {
    await ask("DELETE", inWorld(name));
    if (name === this.props.world) go("default");
  });

  /** Change the world that is looked at, and say what it is now. */
  change = async (said, method, part, body) => {
    await ask(method, inWorld(this.props.world, part), body);
    await refresh();
    this.setState({ done: `The world is ${said}.` });
  };

  reset = () => this.act(() => this.change("at its beginning again", "POST", "reset"));

  become = (snapshot, name) => this.change(`what ${name} says`, "PUT", "snapshot", snapshot);

  snapshot = () => this.act(async () => {
    const { world } = this.props;
    save(`${world}.snapshot.json`, await text(inWorld(world, "snapshot")));
    this.setState({ done: "The snapshot is among your downloads." });
  });

  render() {
    const { worlds = [] } = this.state;
    return html`${this.errors()}${now.facts && html`<${Chosen} ...${now.facts} view=${this} />`}<${Open} />
      <section class="card"><h2>${counted(worlds.length, "world")}${worlds.length > MOST && `, of which ${MOST} are shown`}</h2>
        <${Table} caption="Worlds" head=${HEAD}>${worlds.slice(0, MOST).map(({ name, scenario, seed, clock, ttl, plans, requests }) => html`<tr key=${name}>
          <td><a href=${`#/${name}/plans`}>${name}</a></td><td>${scenario.name}</td><td class="mono">${seed}</td>
          <td>${moment(clock.now)}, ${pace(clock.rate)}</td><td>${ttl ?? "never"}</td>
          <td class="number">${plans.toLocaleString("en")}</td><td class="number">${requests}</td>
          <td>${name !== "default" && html`<button class="danger" onClick=${() => this.close(name)}>Close ${name}</button>`}</td></tr>`)}<//></section>`;
  }
}

const Chosen = ({ view, name, scenario, seed, plans, events, requests, faults, ttl, token, line, missed }) => html`<section class="card">
  <h1>World ${name}</h1>
  <p>Scenario <strong>${scenario.name}</strong>, seed <span class="mono">${seed}</span>, ${counted(plans, "plan")},
    ${" "}${counted(events, "event")}, ${counted(requests, "request")}, ${counted(faults, "fault")}.
    ${" "}${ttl ? `It closes when nobody has used it for ${ttl}.` : "It stays open."}</p>
  <h2>How a client reads it</h2><${Code} text=${`Authorization: Token ${token}`} />
  <h2>Which instant this is</h2><${Code} text=${`X-Mock-Oms: ${line}`} />
  ${missed.map(({ at, origin, reason }) => html`<p class="error">${moment(at)}: ${origin} was refused. ${reason}</p>`)}
  <div class="row middle"><button onClick=${view.reset}>Reset to the beginning</button>
    <button onClick=${view.snapshot}>Snapshot to a file</button>
    <${Upload} label="Restore from a snapshot" view=${view} use=${view.become} /><span role="status">${view.state.done}</span></div></section>`;

/** The form that opens a world; the scenarios are read when it appears. */
class Open extends View {
  topics = [];

  load = () => get("/_mock/scenarios");

  open = (event) => {
    const { name, seed, ttl } = values(event);
    return this.act(() => open({ scenario: this.state.scenario, name, ttl, seed: seed && digits(seed) }));
  };

  render() {
    const { scenarios = [], search = "", scenario } = this.state;
    const found = scenarios.filter((one) => plain(`${one.name} ${one.description}`).includes(plain(search)));
    return html`<section class="card"><h2>Open a world</h2>${this.errors()}<form onSubmit=${this.open}>
      <div class="row">
        <${Field} label="Search scenarios" type="search" value=${search} onInput=${({ target }) => this.setState({ search: target.value })} />
        <${Field} label="Name (or one is made)" name="name" />
        <${Field} label="Seed (or the scenario's)" name="seed" inputmode="numeric" pattern="[0-9]*" />
        <${Field} label="Closes when unused for" name="ttl" placeholder="1h" />
        <button class="main" disabled=${!scenario}>${scenario ? `Open ${scenario}` : "Choose a scenario"}</button>
        <${Upload} label="Or from a snapshot" view=${this} use=${(snapshot) => open(`{"snapshot":${snapshot}}`)} /></div>
      <fieldset class="choices"><legend>Scenario (${found.length} of ${scenarios.length})</legend>
        ${found.map(({ name, description }) => html`<label key=${name}><input type="radio" name="scenario" checked=${name === scenario}
          onChange=${() => this.setState({ scenario: name })} /> <strong>${name}</strong> <span class="soft">${prose(description)}</span></label>`)}
        ${!found.length && html`<p class="soft">No scenario has these words.</p>`}</fieldset></form></section>`;
  }
}

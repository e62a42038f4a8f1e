/** Faults: what is active, what it has done, how long it lasts; adding and removing; the limits. */
import { get, inWorld } from "../api.js";
import { counted, millis, span } from "../format.js";
import { worldTime } from "../live.js";
import { Empty, Field, Pill, Table, View, html, prose, values } from "../parts.js";

const UNITS = { d: 86400, h: 3600, m: 60, s: 1, ms: 0.001 };

/** A value in words. */
const words = (value) => (Array.isArray(value) ? value.join(" to ") : typeof value === "object"
  ? Object.entries(value).map(([key, inner]) => `${key.replaceAll("_", " ")} ${words(inner)}`).join(", ") : String(value));

/** A duration of the API in seconds. */
const seconds = (text) => [...text.matchAll(/(\d+)(ms|[dhms])/g)].reduce((sum, [, count, unit]) => sum + count * UNITS[unit], 0);

/** Seconds of world time until a fault ends, which has a `ttl`. */
const left = ({ since, ttl }) => Math.max(0, seconds(ttl) - (worldTime() - millis(since)) / 1000);

/** What a field says: a number or a mapping where it is one, and else its text. */
function read(text) {
  try { return JSON.parse(text); } catch { return text; }
}

/** The keys of a fault as groups of fields; one that the mock has new is among the last. */
function groupsOf({ Fault, When, Effect }) {
  const which = ["on", "plan", ...Object.keys(When.properties)], does = Object.keys(Effect.properties);
  const others = new Set([...which, ...does, "when", "effect"]);
  return { "Which requests": which, "What it does": does, "How often": Object.keys(Fault.properties).filter((key) => !others.has(key)) };
}

export class Faults extends View {
  topics = /** @type {any} */ (["world", "request"]);
  /** What does not change, and is asked for once. @type {any} */
  fixed;

  load = async () => {
    const { world } = this.props;
    this.fixed ??= await Promise.all([get("/_mock/profiles", { world }), get("/_mock/openapi.json")]);
    const [{ profiles }, { components: { schemas } }] = this.fixed;
    return { ...await get(inWorld(world, "faults")), limits: await get(inWorld(world, "limits")), profiles, schemas };
  };

  /** A fault, or those of a profile. */
  add = async (event) => {
    const form = event.currentTarget, body = Object.entries(values(event)).map(([key, value]) => [key, read(value)]);
    if (await this.send("POST", inWorld(this.props.world, "faults"), Object.fromEntries(body))) {
      form.reset();
      this.setState({ done: "Added: see the table above." });
    }
  };

  remove = (...id) => this.send("DELETE", inWorld(this.props.world, "faults", ...id));

  render() {
    const { faults = [], limits = {}, profiles = [], schemas, loaded, done } = this.state;
    return html`<div class="row middle"><h1>Faults</h1>${faults.length > 0 && html`
        <button class="danger push" onClick=${() => this.remove()}>Remove all</button>`}</div>${this.errors()}
      ${faults.length > 0 && html`<${Table} caption="Active faults; the first that applies is met"
          head=${["Fault", "For", "Effect", "How often", "Met", "Ends in", "From", "Remove"]}>
        ${faults.map((one) => html`<${Row} key=${one.id} one=${one} remove=${this.remove} />`)}<//>`}
      ${loaded && !faults.length && html`<${Empty}>No fault is active: every answer is as it should be. Add one below.<//>`}
      <p>Limits: ${Object.entries(limits).map(([name, one]) => `${name}: ${words(one)}`).join("; ") || "nothing is limited"}.</p>
      ${loaded && html`<form class="card" onSubmit=${this.add}><h2>Add a fault</h2>
        ${Object.entries(groupsOf(schemas)).map(([title, names]) => html`<fieldset class="row"><legend>${title}</legend>
          ${names.map((name) => html`<${Key} name=${name} ...${schemas.Fault.properties[name]} />`)}</fieldset>`)}
        <button class="main">Add the fault</button> <span role="status">${done}</span></form>`}
      <form class="card" onSubmit=${this.add}><h2>Add the faults and limits of a profile</h2>
        ${profiles.map(({ name, description }) => html`<p><label><input type="radio" name="profile" value=${name} required />
          ${" "}<strong>${name}</strong> ${prose(description)}</label></p>`)}
        <button>Add the profile</button></form>`;
  }
}

const Row = ({ one, remove }) => {
  const { id, on, plan, when, effect, ttl, since, seen, met, origin, ...often } = one;
  return html`<tr><td>${id}</td><td>${[on, plan && `plan ${plan}`, when && words(when)].filter(Boolean).join(", ")}</td>
    <td class="wrap">${words(effect)}</td><td class="wrap">${words(often) || "always"}</td>
    <td>${met} of ${counted(seen, "request")} ${met >= often.times && html`<${Pill} kind="warn" text="used up" />`}</td>
    <td>${ttl ? html`<progress max="1" value=${left(one) / seconds(ttl)} aria-hidden="true" /> ${span(left(one))}` : "never"}</td>
    <td>${origin}</td><td><button class="danger" onClick=${() => remove(id)}>Remove ${id}</button></td></tr>`;
};

/** A field for a key of a fault. */
const Key = ({ name, enum: choices, default: usual, description }) => (choices
  ? html`<${Field} label=${name}><select name=${name}>${[...new Set([usual ?? "", ...choices])].map((one) => html`<option>${one}</option>`)}</select><//>`
  : html`<${Field} label=${name} name=${name} title=${description} placeholder=${usual ?? /such as (\w+)/.exec(description)?.[1]} />`);

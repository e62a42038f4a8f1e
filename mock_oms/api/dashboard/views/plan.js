/** One plan: what it waits for, its life as a picture, what an attempt saw, what can be done, and how to ask for it. */
import { get, inWorld } from "../api.js";
import { counted, millis, moment, sentence, span } from "../format.js";
import { now, worldTime } from "../live.js";
import { Code, Empty, Folded, Pill, Table, View, curl, html } from "../parts.js";
import { Outside } from "./events.js";
import { Figures } from "./stock.js";
import { Timeline } from "./timeline.js";

/** The most attempts, items, locations and steps that are shown, and the most SKUs beside each other. */
const MOST = 200, SKUS = 10;
const PYTHON = { true: "True", false: "False", null: "None", ",": ", ", ":": ": " };

/** JSON as Python writes it. */
const python = (value) => JSON.stringify(value).replace(/"(\\.|[^"\\])*"|true|false|null|[,:]/g, (one) => PYTHON[one] ?? one);

/** A test that makes the world of a snapshot again, and expects of a plan the state that it has. */
function pytest({ plan, state }, snapshot) {
  const { scenario, seed, start, clock, log } = snapshot, steps = scenario.document ? [] : [...log, { at: clock.now }];
  const opened = steps[0] ? `scenario=${python(scenario.name)}, seed=${seed}, clock={"start": "${start}"}` : `snapshot=${python(snapshot)}`;
  const lines = ["import pytest", "", "", `@pytest.mark.oms(${opened})`, `def test_plan_${plan}_is_${state}(oms):`];
  let time = start;
  for (const { number, at, ...event } of steps) {
    if (at !== time) lines.push(`    oms.advance_to(datetime.fromisoformat("${time = at}"))`);
    if (number) lines.push(`    oms.event(**${python(event)})`);
  }
  if (time !== start) lines.unshift("from datetime import datetime", "");
  return [...lines, `    assert oms.plan(${plan}).state == "${state}"`, ""].join("\n");
}

/** Location × SKU, in colours and words. */
function Seen({ caption, rows }) {
  const [skus, locations] = ["sku", "location"].map((key) => [...new Set(rows.map((one) => one[key]))]);
  const cells = new Map(rows.map((one) => [`${one.sku}\n${one.location}`, one])), shown = skus.slice(0, SKUS);
  const cell = (one) => one && html`<${Figures} ...${one} /> ${one.reasons?.join("; ")}`;
  return html`<${Table} caption=${caption} head=${["Location", ...shown]}>${locations.slice(0, MOST).map((place) => html`<tr key=${place}>
    <th scope="row">${place}</th>${shown.map((sku) => html`<td>${cell(cells.get(`${sku}\n${place}`))}</td>`)}</tr>`)}<//>
    ${(skus.length > SKUS || locations.length > MOST) && html`<p class="soft">The first ${SKUS} of ${counted(skus.length, "SKU")}, and at most
      ${" "}${MOST} of ${counted(locations.length, "location")}, are shown.</p>`}`;
}

export class Plan extends View {
  /** Which parts stand open; what they show is loaded with the plan. @type {Record<string, boolean>} */
  opened = {};

  async load() {
    const { world, id } = this.props, { opened, state } = this, at = inWorld(world, "plans", id), plan = await get(at);
    const key = `${plan.attempts} ${plan.modified} ${now.facts?.events}`, same = key === state.key;
    const attempts = same ? state.attempts : (await get(`${at}/attempts`, { limit: MOST, seen: false })).attempts;
    const offset = Math.max(0, attempts.findIndex((one) => String(one.number) === this.props.query.attempt));
    const isShown = same && attempts[offset]?.number === state.chosen?.number;
    return {
      attempts, chosen: isShown ? state.chosen : (await get(`${at}/attempts`, { limit: 1, offset })).attempts[0],
      plan: { ...plan, items: plan.items.slice(0, MOST), history: plan.history.slice(-MOST) }, key,
      vendor: opened.vendor && (same && state.vendor || await get(`${at}/vendor`)),
      snapshot: opened.code && await get(inWorld(world, "snapshot")),
    };
  }

  choose = (attempt) => { location.hash = `#/${this.props.world}/plans/${this.props.id}?attempt=${attempt}`; };

  fold = (name, title, inner) => html`<details class="card" onToggle=${(event) => {
    this.opened[name] = event.currentTarget.open;
    this.reload();
  }}><summary><h2>${title}</h2></summary>${inner}</details>`;

  button = (name, text, body, ...where) => html`<button key=${name} aria-label=${name}
    onClick=${() => this.send("POST", inWorld(this.props.world, ...where), body)}>${text}</button>`;

  /** Events that make sense for an item now. */
  events({ sku, location, state, places }) {
    const plan = Number(this.props.id), placed = state === "planned", events = [
      (placed || places[0]) && ["Cancel item", { cancel_item: { plan, sku } }],
      placed && ["Not found", { not_found: { plan, sku } }], placed && [`Refuse all at ${location}`, { refuse: { plan, location } }]];
    return events.map((one) => one && this.button(`${one[0]}: ${sku}`, ...one, "events"));
  }

  render() {
    const { world, id } = this.props, { plan, attempts, chosen, vendor, snapshot } = this.state;
    if (!plan) return html`<h1>Plan ${id}</h1>${this.errors()}`;
    const time = Math.max(worldTime(), millis(plan.modified)), { next_attempt: next, missing, legal, items } = plan;
    const rows = chosen?.seen ?? items.flatMap(({ sku, places }) => places.map((one) => ({ ...one, sku })));
    return html`<p><a href=${`#/${world}/plans`}>All plans</a></p>${this.errors()}
    <section class="card"><div class="row middle"><h1>Plan ${id}</h1><${Pill} kind=${plan.state} /><span class="soft">order ${plan.order}
        ${plan.order_number && ` (${plan.order_number})`}, ${plan.kind}, ${counted(plan.attempts, "attempt")}</span></div>
      <p class="why">${plan.summary}.</p>
      ${missing[0] && html`<ul aria-label="What it waits for">${missing.map((one) => html`<li>${one}</li>`)}</ul>`}
      ${next && html`<p>The next attempt is in <b>${span(Math.max(0, millis(next) - time) / 1000)}</b> of world time.</p>`}
      <${Outside} world=${world} plan=${plan} />
      <div class="row" role="group" aria-label="Commands">${legal.map(({ slug, to }) =>
        this.button(`Run ${slug} → ${to}`, html`${slug} <span class="soft">→ ${to}</span>`, { run: slug }, "plans", id, "commands"))}
        ${missing[0]?.startsWith("it is held") && this.button("Confirm", "Confirm", { confirm: plan.plan }, "events")}
        ${!legal[0] && html`<span class="soft">No command is legal now.</span>`}</div></section>
    <section class="card"><h2>Timeline</h2>
      <${Timeline} plan=${plan} attempts=${attempts} chosen=${chosen?.number} choose=${this.choose} time=${time} /></section>
    <section class="card"><div class="row middle"><h2>${chosen ? "Stock that was seen" : "Stock now"}</h2>${chosen && html`<label>by attempt <select
        value=${chosen.number} onChange=${(event) => this.choose(event.target.value)}>${attempts.map(({ number, at }) => html`
          <option key=${number} value=${number}>${number}: ${moment(at)}</option>`)}</select></label>`}</div>
      ${rows[0] ? html`<${Seen} rows=${rows} caption=${chosen ? `Stock as attempt ${chosen.number} saw it` : "Stock at present"} />`
      : html`<${Empty}>${chosen ? "This attempt saw no stock." : "There was no attempt, and no item waits."}<//>`}</section>
    <section class="card"><h2>Items</h2>
      <${Table} caption="Items" head=${["SKU", "State", "Location", "Since (UTC)", "Events"]}>${items.map((one) => html`
        <tr key=${one.order_item}><th scope="row">${one.sku ?? "–"}</th><td>${one.state ?? "–"}</td><td>${one.location ?? "–"}</td>
          <td>${moment(one.since)}</td><td class="events">${this.events(one)}</td></tr>`)}<//></section>
    ${this.fold("history", "History", html`<ul>${[...plan.history].reverse().map((one) => html`
      <li>${moment(one.at)} ${sentence({ ...one, plan: id })}</li>`)}</ul>`)}
    ${this.fold("vendor", "The vendor's JSON", vendor && html`<${Folded} value=${vendor} />`)}
    ${this.fold("code", "As curl and as pytest", snapshot && html`
      <${Code} name="curl" text=${curl(`${id}/`)} /><${Code} name="pytest" text=${pytest(plan, snapshot)} />`)}`;
  }
}

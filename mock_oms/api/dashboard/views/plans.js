/** The plans of a world: their lifecycle as a picture, and a table with a filter and a search. */
import { address, get, inWorld } from "../api.js";
import { counted, millis, moment, span } from "../format.js";
import { now, worldTime } from "../live.js";
import { Code, Empty, Field, Pages, Pill, Table, View, curl, html, values } from "../parts.js";
import { Outside } from "./events.js";
import { Lifecycle } from "./lifecycle.js";

const SIZE = 50, HEAD = ["Plan", "State", "Order", "Items placed", "Next step", "Last change"];

export class Plans extends View {
  /** The look of each plan, and when it changed while it was shown. */
  known = new Map();

  async load() {
    const { world, query } = this.props, began = worldTime(), asked = address("", query);
    const [list, life] = await Promise.all([get(inWorld(world, "plans"), { ...query, limit: SIZE }), get(inWorld(world, "lifecycle"))]);
    this.known = new Map(list.plans.map((one) => {
      const old = this.known.get(one.plan), look = one.state + one.modified;
      const fresh = asked === this.state.asked && (old ? old.look !== look : millis(one.modified) >= this.state.began);
      return [one.plan, { look, at: fresh ? performance.now() : old?.at }];
    }));
    return { ...list, life, began, asked };
  }

  /** Show what this query finds. */
  go = (query) => { [this.typed, location.hash] = [null, address(`#/${this.props.world}/plans`, query)]; };

  row = ({ plan, next_attempt: next, state, order, order_number: number, placed_count: placed, item_count: items, modified }) => {
    const left = (millis(next) - worldTime()) / 1000, fresh = performance.now() - this.known.get(plan)?.at < 2000;
    return html`<tr key=${plan} class=${fresh && "fresh"}>
      <td><a href=${`#/${this.props.world}/plans/${plan}`}>${plan}</a></td><td><${Pill} kind=${state} /></td>
      <td class="mono">${number ?? order}</td><td>${placed} of ${items}</td>
      <td>${next ? html`attempt ${left < 1 ? "due" : `in ${span(left)}`} <span class="soft">at ${moment(next)}</span>` : "–"}</td>
      <td>${moment(modified)}${fresh && html`<span class="unseen">, just changed</span>`}</td></tr>`;
  };

  render() {
    const { world, query } = this.props, { plans, count, life, looked_at: looked } = this.state;
    const among = life?.estimated && looked < now.facts?.plans ? ` among the ${looked.toLocaleString("en")} newest` : "";
    const filter = (event) => this.go(values(event));
    return html`<h1>Plans</h1>${this.errors()}${life && html`<${Lifecycle} life=${life} world=${world} query=${query} />
      <form class="row" role="search" onSubmit=${filter} onChange=${filter}>
        <${Field} label="State"><select name="state" value=${query.state ?? ""}>
          <option value="">any</option>${life.states.map((one) => html`<option>${one.name}</option>`)}</select><//>
        <${Field} label="Plan, order number or SKU" type="search" name="search" value=${this.typed ?? query.search ?? ""}
          onInput=${(event) => { this.typed = event.target.value; }} /><button>Search</button>
        <span class="push soft" role="status">${counted(count, "plan") + among}</span></form>
      ${count ? html`<${Table} caption="Plans" head=${HEAD}>${plans.map(this.row)}<//>
        <${Pages} offset=${+(query.offset ?? 0)} size=${SIZE} count=${count} go=${(offset) => this.go({ ...query, offset: offset || "" })} />`
      : html`<${Empty}>${query.state || query.search ? html`
        <p>No plan${among} matches.</p><button onClick=${() => this.go({})}>Show all plans</button>` : html`
        <p>No plan yet. Advance the clock, or order a SKU of the stock; your client then finds the plan:</p>
        <${Code} text=${`curl ${location.origin}${inWorld(world, "events")} --json '{"order": {"items": ["SKU"]}}'\n${curl()}`} />`}<//>`}
      <section class="card"><${Outside} world=${world} /></section>`}`;
  }
}

/** Stock: what each location has of each SKU, and the events that change it. */
import { address, ask, get, inWorld } from "../api.js";
import { counted } from "../format.js";
import { Empty, Field, Pages, Pill, Table, View, html, values } from "../parts.js";

/** SKUs and cells on a page. */
const SKUS = 40, CELLS = 200;

/** What there is of a SKU at a location, in colour and words. */
export const Figures = ({ quantity, stock_count: count, reservation_count: reserved }) => {
  const [kind, word] = quantity < 0 ? ["bad", "(oversold)"] : quantity ? ["good", "free"] : ["warn", "(none free)"];
  return html`<${Pill} kind=${kind} text=${`${quantity} ${word}`} /> <span class="soft small">${count} counted, ${reserved} reserved</span>`;
};

export class Stock extends View {
  load = async () => {
    const path = inWorld(this.props.world, "stock"), { sku, offset } = this.props.query;
    const { locations } = this.state.locations ? this.state : await get(path, { limit: 1, sku });
    const columns = locations.length || 1, limit = Math.min(SKUS, Math.floor(CELLS / columns) || 1) * columns;
    return { ...(await get(path, { sku, limit, offset })), limit };
  };

  /** An event that happens now. */
  happen = (name, what) => this.act(async () => {
    const { transitions: { length } } = await ask("POST", inWorld(this.props.world, "events"), { [name]: what });
    const so = length ? `${counted(length, "transition")} followed at once.` : "No plan moved at once; the next attempt sees it.";
    const said = typeof what === "string" ? what : Object.values(what).join(" ");
    this.setState({ done: `${name} ${said}: done. ${so}` });
  });

  restock = ({ sku, location }, { count }) => this.happen("restock", { sku, location, count: Number(count) });

  quota = (location, { most }) => this.happen("quota", { location, max_quota: most ? Number(most) : null });

  show = (query) => { location.hash = address(`#/${this.props.world}/stock`, query); };

  /** The head of a column: what the location is, and its switches. */
  location = ({ code, name, type, city, priority, active, quota, max_quota: most }) => html`<div class="place">
    <strong class="mono">${code}</strong> <span>${name}</span> <span class="soft">${type}${city && `, ${city}`}, priority ${priority}</span>
    <${Pill} kind=${active ? "good" : "bad"} text=${active ? "open" : "blocked"} />
    <button onClick=${() => this.happen(active ? "block" : "open", code)}>${active ? "Block" : "Open"} ${code}</button>
    <form class="group" onSubmit=${(event) => this.quota(code, values(event))}>
      <span class="soft">${most === null ? "no quota" : `quota: ${quota} of ${most} taken`}</span>
      <input name="most" type="number" min="0" defaultValue=${most} placeholder="no limit" aria-label=${`Most packages of ${code}`} /><button>Set quota</button></form></div>`;

  cell = (one) => one && html`<div class="cell"><${Figures} ...${one} />
    <form class="group" onSubmit=${(event) => this.restock(one, values(event))}>
      <input name="count" type="number" min="1" defaultValue="1" required aria-label=${`Restock ${one.sku} at ${one.location} by`} />
      <button>Restock</button></form></div>`;

  render() {
    const { locations = [], stock = [], count, limit, loaded, done, stock_service: service, seeded_plans: seeded } = this.state;
    const { sku, offset = 0 } = this.props.query;
    return html`<h1>Stock</h1>${this.errors()}
      <div class="row middle"><form class="row" onSubmit=${(event) => this.show(values(event))}>
        <${Field} label="SKU" name="sku" defaultValue=${sku} /><button>Show</button>
        ${sku && html`<button type="button" onClick=${() => this.show({})}>All SKUs</button>`}</form><span role="status">${done}</span></div>
      ${service === "down" && html`<p class="error">The stock service is down: attempts see no stock.${" "}
        <button onClick=${() => this.happen("stock_service", "up")}>Let it be up again</button></p>`}
      ${seeded > 0 && html`<p class="soft">${counted(seeded, "plan")} of this scenario have stock of their own,
        which is not in this table: open the plan to see it.</p>`}
      ${loaded && !count && html`<${Empty}>This scenario declares no stock: its plans were given a state and have stock of their own.<//>`}
      ${count > 0 && html`<${Table} caption="Stock by SKU and location: counted, reserved and free" head=${["SKU", ...locations.map(this.location)]}>
        ${[...new Set(stock.map((one) => one.sku))].map((name) => html`<tr key=${name}><th scope="row" class="mono">${name}</th>
          ${locations.map(({ code }) => html`<td key=${code}>${
            this.cell(stock.find((one) => one.sku === name && one.location === code))}</td>`)}</tr>`)}<//>`}
      <${Pages} offset=${+offset} size=${limit} count=${count} go=${(to) => this.show({ sku, offset: to || "" })} />`;
  }
}

/** The vendor's contract: its operations and schemas, and how sure each claim of it is. */
import { get } from "../api.js";
import { counted } from "../format.js";
import { Pill, Table, View, html, prose } from "../parts.js";
import { Route, Schema, routesOf } from "./schema.js";

/** Steps of a place that tell a reader nothing. */
const PLAIN = new Set(["paths", "components", "schemas", "properties"]);

/** Every claim in a document, with where it stands. @returns {any[]} */
function claimsOf(node, trail = []) {
  if (!node || typeof node !== "object") return [];
  const mark = node["x-provenance"], at = trail.filter((step) => !PLAIN.has(step)).join(" › ");
  return (mark ? [{ at, mark, node }] : []).concat(...Object.entries(node).map(([key, inner]) => claimsOf(inner, [...trail, key])));
}

export class Contract extends View {
  topics = [];

  load = async () => {
    if (this.state.doc) return {};
    const doc = await get("/_mock/contract.json");
    const words = [...doc.info.description.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map((row) => row.slice(1));
    const { contract } = await get("/_mock/health/ready").catch(() => ({}));
    return { doc, contract, claims: claimsOf(doc), words: Object.fromEntries(words) };
  };

  render() {
    if (!this.state.doc) return this.errors();
    const { doc, contract, words, claims } = this.state, { world, query: { mark = "" } } = this.props;
    const marks = new Set(["", ...Object.keys(words), ...claims.map((one) => one.mark)]);
    const of = (word) => claims.filter((one) => !word || one.mark === word);
    return html`
      <p>Each claim about the vendor's API says how sure it is, and its source. Choose a mark to see its claims alone. <span class="soft">${contract?.replace("contract l", "L")}</span></p>
      <ul class="marks">${[...marks].map((one) => html`<li>
        <a href=${`#/${world}/api/contract${one && `?mark=${one}`}`} aria-current=${one === mark ? "true" : null}>
          ${one ? html`<${Pill} kind=${one} />` : "The whole contract"}</a>
        ${" "}${counted(of(one).length, "claim")}${words[one] && `: ${words[one]}`}</li>`)}</ul>
      ${mark ? html`<${Table} caption=${`Claims that are ${mark}`} head=${["Where", "What it says", "Source"]}>
        ${of(mark).slice(0, 200).map(({ at, node }) => html`<tr key=${at}>
          <td class="wrap"><code>${at}</code></td><td class="wrap">${prose(node.description ?? node.summary ?? "")}</td>
          <td class="wrap soft">${prose(node["x-source"])}</td></tr>`)}<//>` : html`
      <section class="card"><h2>Operations</h2>${routesOf(doc).map((route) => html`<${Route} doc=${doc} route=${route} />`)}</section>
      <section class="card"><h2>Schemas</h2>${Object.entries(doc.components.schemas).map(([name, node]) => html`
        <${Schema} doc=${doc} node=${node} name=${name} />`)}</section>`}`;
  }
}

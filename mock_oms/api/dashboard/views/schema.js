/** How an operation and a schema of an OpenAPI document look, with the marks of provenance where it has them. */
import { Component, Pill, html, prose } from "../parts.js";

/** A `details` whose inside, made by a function, is there once it was open. */
class Lazy extends Component {
  state = { opened: false };

  render() {
    const { head, children } = this.props;
    return html`<details class="node" onToggle=${() => this.setState({ opened: true })}>
      <summary>${head}</summary>${this.state.opened && children()}</details>`;
  }
}

/** A node, or what its `$ref` names with what stands beside it. */
function found(doc, node = {}) {
  if (!node.$ref) return node;
  const [, ...steps] = node.$ref.split("/");
  return { ...found(doc, steps.reduce((inner, key) => inner[key], doc)), name: steps.at(-1), ...node };
}

/** The type of a schema in words. */
function typeOf(doc, node) {
  const { enum: words, type = words && "word", name, items, allOf, oneOf = allOf?.slice(0, 1), anyOf = oneOf } = found(doc, node);
  if (type === "array") return `list of ${typeOf(doc, items) || "anything"}`;
  if (type === "object" && name) return name;
  return ((!type && anyOf?.map((one) => typeOf(doc, one))) || [type].flat()).join(" or ");
}

/** What a value must be beyond its type. */
const rulesOf = ({ enum: words, format, minimum, maximum, default: other, const: only }) => [
  words?.join(", "), only != null && `always ${only}`, format, minimum != null && `from ${minimum}`,
  maximum < 2 ** 53 - 1 && `to ${maximum}`, other != null && `else ${other}`,
].filter(Boolean).join(", ");

/** What a schema holds: name, schema, whether it is required. */
function insideOf(doc, shape) {
  const { type, items, properties = {}, additionalProperties, anyOf = [], oneOf = [], allOf = [], required } = shape;
  if (type === "array") return insideOf(doc, found(doc, items));
  return [
    ...Object.keys(properties).map((name) => [name, properties[name], required?.includes(name)]),
    ...(Object.keys(additionalProperties ?? {}).length ? [["any other name", additionalProperties]] : []),
    ...[...anyOf, ...oneOf].map((one) => ["either", one]), ...allOf.map((one) => ["rule", one]),
  ];
}

/** How sure a claim is, and its source. */
const Mark = ({ of }) => of["x-provenance"]
  && html` <${Pill} kind=${of["x-provenance"]} /> <span class="soft small">${prose(of["x-source"])}</span>`;

/** A schema with its name, as a tree. */
export function Schema({ doc, node, name, required }) {
  const shape = found(doc, node), inside = insideOf(doc, shape);
  const head = html`<code>${name}</code>
    ${" "}<span class="soft">${typeOf(doc, node)}${required && ", required"} <code>${rulesOf(shape)}</code></span>
    ${" "}${prose(shape.description ?? "")}<${Mark} of=${shape} />`;
  return inside.length ? html`<${Lazy} head=${head}>${() => inside.map(([key, inner, must]) => html`
    <${Schema} doc=${doc} node=${inner} name=${key} required=${must} />`)}<//>` : html`<div class="node">${head}</div>`;
}

/** Every operation of a document, with the parameters of its path. */
export const routesOf = (doc) => Object.entries(doc.paths).flatMap(([path, { parameters = [], ...item }]) => (
  Object.entries(item).filter(([, operation]) => operation.responses).map(([method, operation]) => ({
    path, operation, method: method.toUpperCase(),
    parameters: [...parameters, ...operation.parameters ?? []].map((one) => found(doc, one)),
  }))));

/** An operation that opens to its description, `children`, and what it takes and answers. */
export function Route({ doc, route: { method, path, parameters, operation }, changes, children }) {
  const { summary, description, requestBody, responses } = operation;
  const schema = (name, node) => html`<${Schema} doc=${doc} name=${name} node=${node} required=${node.required === true} />`;
  const value = (name, one) => schema(name, { ...one.schema, ...one });
  const bodies = ({ content = {} }) => Object.keys(content).map((type) => schema(type, content[type].schema));
  const head = html`<code>${method} ${path}</code> ${changes && html`<${Pill} kind="warn" text="changes" />`}
    ${" "}${prose(summary)}<${Mark} of=${operation} />`;
  return html`<${Lazy} head=${head}>${() => html`
    ${description && html`<p>${prose(description)}</p>`}${children}
    ${parameters.length > 0 && html`<h3>Parameters</h3>`}${parameters.map((one) => value(`${one.name} (${one.in})`, one))}
    ${requestBody && html`<h3>Body</h3>${bodies(found(doc, requestBody))}`}
    <h3>Answers</h3>
    ${Object.keys(responses).sort().map((status) => {
      const one = found(doc, responses[status]);
      return html`<${Lazy} head=${html`<code>${status}</code> ${prose(one.description)}<${Mark} of=${one} />`}>${() => [
        Object.entries(one.headers ?? {}).map(([name, header]) => value(name, found(doc, header))), bodies(one)]}<//>`;
    })}`}<//>`;
}

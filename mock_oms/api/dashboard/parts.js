/** What the views are made of: `html`, the base of every view, and small parts that several show. */
import { Component, Fragment, h } from "./vendor/preact.mjs";
import htm from "./vendor/htm.mjs";
import { ask } from "./api.js";
import { quoted } from "./format.js";
import { listen, now } from "./live.js";

/** @typedef {import("./live.js").Topic} Topic */

export const html = htm.bind(h);
export { Component, Fragment };

/**
 * A view that loads what it shows: when it appears, and again when one of its `topics` happens. While it loads, what it
 * showed before stays. A load that fails shows its sentence above. What `load` answers becomes part of `state`.
 */
export class View extends Component {
  /** @type {Topic[]} */
  topics = ["world", "transition"];
  /** @type {Record<string, any>} */
  state = {};
  busy = false;
  again = false;

  /** What to show. @returns {Promise<Record<string, any>>} */
  async load() { return {}; }

  /** Load and show; a call while it loads makes one more load after it. */
  reload = async () => {
    if (this.gone) return;
    this.again = this.busy;
    if (this.busy) return;
    this.busy = true;
    try {
      this.setState({ ...(await this.load()), error: null, loaded: true });
    } catch (error) {
      this.setState({ error });
    }
    this.busy = false;
    if (this.again) this.reload();
  };

  /** Do something, say what went wrong, and load again; what was said of the action before (`done`) goes. @param {() => Promise<any>} action @returns {Promise<any>} */
  act = async (action) => {
    this.setState({ failure: null, done: null });
    try {
      const done = await action();
      await this.reload();
      return done;
    } catch (failure) {
      // The sentence stands at the head of the view, and the button may be far below it.
      this.setState({ failure }, () => document.querySelector("main [role=alert]")?.scrollIntoView({ block: "nearest" }));
      return undefined;
    }
  };

  /** Send to the control API as `act` does. @param {string} method @param {string} path @param {unknown} [body] */
  send = (method, path, body) => this.act(() => ask(method, path, body));

  componentDidMount() {
    this.forget = listen((topics) => { if (this.state.error || this.topics.some((one) => topics.has(one))) this.reload(); });
    this.reload();
  }

  /** Load again where the address has changed. @param {any} before */
  componentDidUpdate(before) {
    if (aimOf(before) !== aimOf(this.props)) this.reload();
  }

  componentWillUnmount() {
    this.gone = true;
    this.forget?.();
  }

  /** @returns {any} */
  render() { return null; }

  /** The sentences of what went wrong, to stand above a view; what the page says already is left out. */
  errors() {
    return [this.state.error, this.state.failure].filter((error) => error && error.message !== now.error?.message)
      .map((error) => html`<p class="error" role="alert">${prose(error.message)}</p>`);
  }
}

/** What of a view's address decides what it loads. @param {any} props */
const aimOf = ({ world, id, query }) => JSON.stringify([world, id, query]);

/** A word with the colour of its kind; the word alone says the same. @param {{kind: string, text?: string}} props */
export const Pill = ({ kind, text }) => html`<span class=${`pill ${kind}`}>${text ?? kind}</span>`;

/** A sentence of the API, in which what stands between backticks is code. @param {string} text */
export const prose = (text) => text.split("`").map((part, place) => (place % 2 ? html`<code>${part}</code>` : part));

/** What to do where there is nothing to see. @param {{children: any}} props */
export const Empty = ({ children }) => html`<div class="empty">${children}</div>`;

/** A button that copies a text, and says that it has. */
export class Copy extends Component {
  state = { said: "" };

  copy = async () => {
    this.setState({ said: await copied(this.props.text) ? "Copied" : "Not copied" });
    setTimeout(() => this.setState({ said: "" }), 1500);
  };

  render() {
    return html`<button type="button" class="copy" onClick=${this.copy}>${this.state.said || (this.props.label ?? "Copy")}</button>`;
  }
}

/** Copy a text; a page that came from another host without TLS has no clipboard, but may copy a field. @param {string} text */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    const field = Object.assign(document.createElement("textarea"), { value: text, className: "unseen" });
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    before?.focus();
    return done;
  }
}

/** A text to be run, with a button that copies it; of several each has a name. */
export const Code = ({ text, name = undefined }) => html`<div class="code"><pre tabindex="0" role=${name && "region"} aria-label=${name}>${text}</pre>
  <${Copy} text=${text} label=${name && `Copy as ${name}`} /></div>`;

/** A command that asks the vendor's API for the plans of this world, or for one. */
export const curl = (plan = "") => `curl -s -H ${quoted(`Authorization: Token ${now.facts?.token}`)} ${
  quoted(`${location.origin}/api/v1/oms/orderexecutionplans/${plan}`)}`;

/**
 * A table that scrolls within its own width. Rows are arrays of cells, or rows made by the view.
 * @param {{caption: string, head: any[], children: any}} props
 */
export const Table = ({ caption, head, children }) => html`
  <div class="scroll" tabindex="0" role="region" aria-label=${caption}><table>
    <caption class="unseen">${caption}</caption>
    <thead><tr>${head.map((one) => html`<th scope="col">${one}</th>`)}</tr></thead>
    <tbody>${children}</tbody>
  </table></div>`;

/** A field with its label: an input with these attributes, or what is inside. */
export const Field = ({ label, children, ...input }) => html`<label class="field"><span>${label}</span>${children ?? html`<input ...${input} />`}</label>`;

/**
 * Which rows of how many are shown, and buttons to the others.
 * @param {{offset: number, size: number, count: number, go: (offset: number) => void}} props
 */
export const Pages = ({ offset, size, count, go }) => count > size || offset ? html`
  <nav class="pages" aria-label="Pages">
    <button disabled=${!offset} onClick=${() => go(Math.max(0, offset - size))}>Newer</button>
    <span>${(offset + 1).toLocaleString("en")}–${Math.min(count, offset + size).toLocaleString("en")} of ${count.toLocaleString("en")}</span>
    <button disabled=${offset + size >= count} onClick=${() => go(offset + size)}>Older</button>
  </nav>` : null;

/** The values of a form by the names of its fields, without those that are blank. @returns {any} */
export function values(event) {
  event.preventDefault();
  return Object.fromEntries([...new FormData(event.currentTarget)].map(([key, value]) => [key, String(value).trim()]).filter(([, value]) => value));
}

/** JSON as text that folds: an object or a list is a `details`, which holds nothing until it is open, and 200 rows at most. */
export class Folded extends Component {
  state = { open: (this.props.open ?? 1) > 0 };

  render() {
    const { value, name, open = 1 } = this.props, key = name === undefined ? null : html`<span class="key">${name}</span>: `;
    if (value === null || typeof value !== "object") {
      return html`<div class="leaf">${key}<span class=${value === null ? "null" : typeof value}>${JSON.stringify(value)}</span></div>`;
    }
    const rows = Object.entries(value), count = Array.isArray(value) ? `[${rows.length}]` : `{${rows.length}}`;
    return html`<details class="fold" open=${this.state.open} onToggle=${(event) => this.setState({ open: event.currentTarget.open })}>
      <summary>${key}<span class="count">${count}</span></summary>${this.state.open && html`
      ${rows.slice(0, 200).map(([one, inner]) => html`<${Folded} key=${one} name=${one} value=${inner} open=${open - 1} />`)}
      ${rows.length > 200 && html`<div class="leaf">and ${rows.length - 200} more</div>`}`}</details>`;
  }
}

/** The control API, asked by the page as any client asks it. */

/** Milliseconds after which a stream that says nothing is dead; one that lives says so every 15 seconds. */
const SILENCE = 40_000;

/** The control token, in memory alone, and what is called when a request is refused for want of it. */
export const access = { token: "", refused() {} };

/** A refusal of the control API: its sentence, and what is wrong with which key. */
export class Problem extends Error {
  constructor(status, body) {
    const wrong = Object.entries(body.errors ?? {}).map(([key, said]) => `${key}: ${[said].flat().join(" ")}`);
    super([body.detail ?? body.title ?? `The mock answered ${status}.`, ...wrong].join(" "));
    this.status = status;
  }
}

/** The address of a world, or of a part of it. */
export const inWorld = (...names) => ["/_mock/worlds", ...names.map(encodeURIComponent)].join("/");

/** A path with a query; what is empty is left out. */
export function address(path, query = {}) {
  const said = Object.entries(query).filter(([, value]) => value != null && value !== "");
  return said.length ? `${path}?${new URLSearchParams(said)}` : path;
}

/** The answer, a refusal too. */
export async function reach(method, path, more = {}) {
  const { token } = access;
  const headers = { ...(token && { Authorization: `Bearer ${token}` }), ...(more.body && { "Content-Type": "application/json" }) };
  const answer = await fetch(path, { method, ...more, headers, cache: "no-store" }).catch((error) => {
    throw error.name === "AbortError" ? error : new Error("The mock does not answer.");
  });
  if (answer.status === 401 && token === access.token) access.refused();
  return answer;
}

/** The answer, if it is no refusal. @returns {Promise<any>} */
async function send(method, path, more) {
  const answer = await reach(method, path, more);
  if (answer.ok) return answer;
  throw new Problem(answer.status, await answer.json().catch(() => ({})));
}

/** The value of JSON, in which a seed beyond the whole numbers of JavaScript stays digits. @returns {any} */
const read = (text) => JSON.parse(text, (key, value, context = /** @type {any} */ (undefined)) =>
  (key === "seed" && !Number.isSafeInteger(value) && context?.source) || value);

/** What the control API answers, as text. @returns {Promise<string>} */
export const text = async (path) => (await send("GET", path, {})).text();

/** What the control API answers: JSON, or null where it answers nothing. A body that is text is sent as it is. */
export async function ask(method, path, body) {
  const answer = await send(method, path, { body: typeof body === "string" ? body : JSON.stringify(body) });
  if (answer.status === 204) return null;
  const said = await answer.text();
  try {
    return read(said);
  } catch {
    throw new Error("What answers is not the mock: it sent something that is not JSON.");
  }
}

export const get = (path, query) => ask("GET", address(path, query));

/** The events of a stream, as they come. */
export async function* stream(path, signal) {
  const reader = (await send("GET", path, { signal })).body.getReader(), decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const silent = setTimeout(() => reader.cancel(), SILENCE);
      const { done, value } = await reader.read().finally(() => clearTimeout(silent));
      if (done) return;
      const blocks = (rest + decoder.decode(value, { stream: true })).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const { id, event, data } = Object.fromEntries(block.split("\n").map((line) => line.split(/: ?(.*)/s)));
        yield { id, event, data: data && read(data) };
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/**
 * What the page knows of the chosen world, and how it stays true: one stream a tab, polling where there is none.
 * Listeners hear of what happened at most four times a second, however much happens.
 */
import { Problem, access, address, get, inWorld, stream } from "./api.js";
import { millis } from "./format.js";

/** @typedef {"world" | "transition" | "request"} Topic */

const TOGETHER = 250, POLL = 2000, LONGEST_WAIT = 8000, MOST = 200;

/**
 * Of the chosen world: `facts` as the API has them, `happened` the latest transitions, `last` the place in its stream.
 * The status is connecting, live, reconnecting, polling or paused. @type {any}
 */
export const now = { world: "", facts: null, happened: [], last: "", status: "connecting", error: null, locked: false };

const listeners = new Set();
let topics = new Set();
let timer = 0, seenAt = 0;
let running = new AbortController();

/** Hear of what happens, until the answer is called. */
export function listen(listener) {
  listeners.add(listener);
  return () => { listeners.delete(listener); };
}

/** Say that something happened; all that happens within a quarter of a second is told at once. */
function tell(...what) {
  what.forEach((topic) => topics.add(topic));
  timer ||= setTimeout(() => {
    const told = topics;
    [timer, topics] = [0, new Set()];
    listeners.forEach((listener) => listener(told));
  }, TOGETHER);
}

/** What the clock of the world shows by now, in milliseconds since 1970. */
export function worldTime() {
  const clock = now.facts?.clock;
  return clock ? millis(clock.now) + clock.rate * (performance.now() - seenAt) : 0;
}

/** Take the facts of a world that the API has just answered. */
export function know(facts) {
  if (facts.name !== now.world) return;
  const old = now.facts;
  // A clock that runs is read a little late: back by more than two seconds of it is back to an earlier time.
  const back = old && millis(facts.clock.now) < worldTime() - 2000 * old.clock.rate;
  if (back || facts.events < old?.events) now.happened = [];
  [now.facts, now.error, seenAt] = [facts, null, performance.now()];
  tell("world");
}

/** Read the facts of the world now; what the stream has said meanwhile is newer. */
export async function refresh() {
  const asked = performance.now();
  const facts = await get(inWorld(now.world));
  if (!now.facts || seenAt <= asked) know(facts);
}

/** Look at this world from now on. */
export function choose(world) {
  if (world === now.world) return;
  Object.assign(now, { world, facts: null, happened: [], last: "", status: "connecting", error: null });
  restart();
}

/** Begin to follow the world anew. */
export function restart() {
  running.abort();
  running = new AbortController();
  if (now.locked) return;
  if (document.hidden) say("paused");
  else follow(running.signal);
}

function say(status) {
  now.status = status;
  tell("world");
}

/** The process, world and life that a place in a stream is of: `MARK-requests.LIFE.steps`. */
const lifeOf = (place) => place.replace(/-\d+([.]\d+)[.]\d+$/, "$1");

function take({ id, event, data }) {
  if (id && now.last && lifeOf(id) !== lifeOf(now.last)) now.happened = [];
  now.last = id || now.last;
  if (event === "world") return know(data);
  if (event === "transition") now.happened = [...now.happened, data].slice(-MOST);
  tell(event === "lost" ? "request" : event);
}

/** Follow the world until the signal: by its stream, and by polling where the API answers and each stream ends at once. */
async function follow(signal) {
  let failures = 0, brief = 0;
  while (!signal.aborted) {
    const began = performance.now(), soon = () => performance.now() - began < POLL;
    let reached = false;
    try {
      await refresh();
      reached = true;
      for await (const one of stream(address(inWorld(now.world, "stream"), { since: now.last || "now" }), signal)) {
        if (signal.aborted) return;
        [failures, brief] = [0, soon() ? brief : 0];
        if (brief < 3 && now.status !== "live") say("live");
        take(one);
      }
    } catch (error) {
      if (signal.aborted || now.locked) return;
      if (error instanceof Problem && error.status === 422) now.last = "";
      if (!reached) now.error = error;
    }
    if (signal.aborted) return;
    failures += 1;
    brief = reached && soon() ? brief + 1 : 0;
    const polls = brief > 2;
    say(polls ? "polling" : "reconnecting");
    if (polls) tell("transition", "request");
    const wait = polls ? POLL : Math.min(LONGEST_WAIT, 250 * 2 ** failures);
    await new Promise((go) => { setTimeout(go, wait); });
  }
}

document.addEventListener("visibilitychange", restart);
access.refused = () => {
  now.locked = true;
  tell("world");
};

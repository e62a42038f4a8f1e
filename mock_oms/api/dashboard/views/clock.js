/** The clock bar: what the world's clock shows, how it runs, ways to turn it, and what happened on the way. */
import { ask, inWorld } from "../api.js";
import { moment, ofDay, pace, sentence } from "../format.js";
import { now, refresh, worldTime } from "../live.js";
import { View, html, values } from "../parts.js";

const STATES = ["completed", "cancelled", "pending", "start"], RATES = { Freeze: 0, "Go on ×1": 1, "×60": 60 };

export class Clock extends View {
  topics = [];

  turn = (method, body, ...path) => this.act(async () => {
    const { transitions } = await ask(method, inWorld(this.props.world, "clock", ...path), body);
    await refresh();
    return transitions;
  });

  advance = async (event) => {
    const { by, plan, state, within } = values(event);
    const steps = await this.turn("POST", by ? { by } : { until: { plan: Number(plan), state }, within }, "advance");
    this.setState({ done: steps?.length === 0 && "Nothing happened on the way." });
  };

  render() {
    const clock = now.facts?.clock, { done } = this.state;
    return html`<section class="clock" aria-label="Clock of the world">
      <time>${clock ? moment(new Date(worldTime()).toISOString()) : "–"}</time>
      <span class="soft">UTC, ${clock ? pace(clock.rate) : "–"}</span>
      <span class="group" role="group" aria-label="Rate">${Object.entries(RATES).map(([word, rate]) => html`
        <button aria-pressed=${clock?.rate === rate} onClick=${() => this.turn("PATCH", { rate })}>${word}</button>`)}</span>
      <form onSubmit=${this.advance}>
        <label>Advance by <input name="by" defaultValue="30m" required size="6" /></label><button>Advance</button></form>
      <form onSubmit=${this.advance}>
        <label>until plan <input name="plan" inputmode="numeric" pattern="[0-9]+" required size="8" /></label>
        <label>is <select name="state">${STATES.map((one) => html`<option>${one}</option>`)}</select></label>
        <label>within <input name="within" placeholder="24h" size="5" /></label><button>Advance until</button></form>
      ${this.errors()}${done && html`<span class="soft" role="status">${done}</span>`}
      ${now.happened[0] && html`<ol class="happened" aria-label="What happened, newest first" aria-live="polite" tabindex="0">
        ${now.happened.slice(-60).reverse().map((one) => html`<li key=${`${one.at}${one.plan}${one.to}`}>
          <span class="mono soft">${ofDay(one.at)}</span> <a href=${`#/${this.props.world}/plans/${one.plan}`}>${sentence(one)}</a></li>`)}</ol>`}
    </section>`;
  }
}

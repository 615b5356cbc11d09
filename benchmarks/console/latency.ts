import { jetstreamManager } from "@nats-io/jetstream";
import type { Page } from "playwright-core";
import type { Client } from "../../src/agents/kit/mod.ts";
import { median, quantile, report } from "../support/measurement.ts";
import type { LoggedIn } from "./browser.ts";

const tabs = 20;
const warmUp = 20;
const events = 100;
const pause = 100;

/** Notes when each mark is first in the page, in milliseconds since 1970. */
const watch = (page: Page) =>
  page.evaluate(`(() => {
    window.seen = {};
    const look = () => {
      const now = performance.timeOrigin + performance.now();
      for (const [mark] of document.querySelector("main").textContent.matchAll(/mark-\\d+-/g)) window.seen[mark] ??= now;
    };
    new MutationObserver(look).observe(document.querySelector("main"), { subtree: true, childList: true, characterData: true });
  })()`);

/**
 * From the moment at which the log has a commit, by the clock of the nats-server, until each of twenty tabs has it in its
 * DOM. A list shows what a graph is for, which changes ten times a second.
 */
export const measureLatency = async (client: Client, { context, origin }: LoggedIn): Promise<void> => {
  await client.command("graph", "told", "import", { id: "told", nodes: [], edges: [] });
  const open = async () => {
    const page = await context.newPage();
    await page.goto(`${origin}/graphs`);
    await page.getByRole("row", { name: /told/ }).waitFor();
    await watch(page);
    return page;
  };
  const pages: Array<Page> = [];
  while (pages.length < tabs) pages.push(await open());
  const manager = await jetstreamManager(client.nats);
  const positions: Array<number> = [];
  for (let event = 0; event < warmUp + events; event++) {
    const described = { id: "told", description: `mark-${event}-`, nodes: [], edges: [] };
    const { position } = await client.command("graph", "told", "import", described);
    positions.push(position);
    await new Promise((wake) => setTimeout(wake, pause));
  }
  const last = `mark-${warmUp + events - 1}-`;
  for (const page of pages) await page.getByText(last).first().waitFor();
  const committed: Array<number> = [];
  for (const seq of positions)
    committed.push((await manager.streams.getMessage("CIM_EVENTS", { seq }))?.time.getTime() ?? Number.NaN);
  const took: Array<number> = [];
  let skipped = 0;
  for (const page of pages) {
    const seen = (await page.evaluate("window.seen")) as Readonly<Record<string, number>>;
    for (const [event, time] of committed.entries()) {
      if (event < warmUp) continue;
      const at = seen[`mark-${event}-`];
      if (at === undefined) skipped += 1;
      else took.push(at - time);
    }
  }
  // A tab that was slow shows the newest only: what it never showed was late by as much as the next one.
  const note = skipped === 0 ? undefined : `${skipped} of ${tabs * events} were shown with the next one`;
  report({
    name: "event-to-page",
    unit: "ms",
    value: quantile(took, 0.99),
    p50: median(took),
    p99: quantile(took, 0.99),
    aim: 100,
    note,
  });
  for (const page of pages) await page.close();
};

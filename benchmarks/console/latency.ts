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
      for (const [mark] of document.querySelector("main").textContent.matchAll(/mark-[ab]\\d+-/g)) window.seen[mark] ??= now;
    };
    new MutationObserver(look).observe(document.querySelector("main"), { subtree: true, childList: true, characterData: true });
  })()`);

/** Has a page behave as a tab that nobody looks at: browsers without a window have no other way. */
const hide = (page: Page) =>
  page.evaluate(`(() => {
    Object.defineProperty(document, "hidden", { get: () => true });
    document.dispatchEvent(new Event("visibilitychange"));
  })()`);

/** Gives commands ten times a second, and reports how late each page of `seen` showed them. */
const measure = async (client: Client, seen: ReadonlyArray<Page>, name: string, round: string): Promise<void> => {
  const mark = (event: number) => `mark-${round}${event}-`;
  const manager = await jetstreamManager(client.nats);
  const positions: Array<number> = [];
  for (let event = 0; event < warmUp + events; event++) {
    const described = { id: "told", description: mark(event), nodes: [], edges: [] };
    const { position } = await client.command("graph", "told", "import", described);
    positions.push(position);
    await new Promise((wake) => setTimeout(wake, pause));
  }
  for (const page of seen)
    await page
      .getByText(mark(warmUp + events - 1))
      .first()
      .waitFor();
  const committed: Array<number> = [];
  for (const seq of positions)
    committed.push((await manager.streams.getMessage("CIM_EVENTS", { seq }))?.time.getTime() ?? Number.NaN);
  const took: Array<number> = [];
  let skipped = 0;
  for (const page of seen) {
    const marks = (await page.evaluate("window.seen")) as Readonly<Record<string, number>>;
    for (const [event, time] of committed.entries()) {
      if (event < warmUp) continue;
      const at = marks[mark(event)];
      if (at === undefined) skipped += 1;
      else took.push(at - time);
    }
  }
  // A tab that was slow shows the newest only: what it never showed was late by as much as the next one.
  const note = skipped === 0 ? undefined : `${skipped} of ${seen.length * events} were shown with the next one`;
  report({
    name,
    unit: "ms",
    value: quantile(took, 0.99),
    p50: median(took),
    p99: quantile(took, 0.99),
    aim: 100,
    note,
  });
};

/**
 * From the moment at which the log has a commit, by the clock of the nats-server, until a tab has it in its DOM. A list
 * shows what a graph is for, which changes ten times a second. Twenty tabs are open: first all of them are in
 * sight, then only one of them, as in one window.
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
  await measure(client, pages, "event-to-20-pages", "a");
  const [first, ...others] = pages;
  for (const page of others) await hide(page);
  if (first !== undefined) await measure(client, [first], "event-to-page", "b");
  for (const page of pages) await page.close();
};

import type { Page } from "playwright-core";
import type { Client } from "../../src/agents/kit/mod.ts";
import { median, report, throughput } from "../support/measurement.ts";
import type { LoggedIn } from "./browser.ts";

const width = 64;
/** Events in the history of one graph: a long log is made of many histories. */
const eventsOfAGraph = 100;
const runs = 5;

/** Fills the log with events of one commit each. */
const fill = (client: Client, events: number): Promise<number> =>
  throughput(events, width, (index) => {
    const id = `log-${Math.floor(index / (width * eventsOfAGraph))}-${index % width}`;
    return client.command<string, string>("graph", id, "import", {
      id,
      description: `what it is for at ${index}`,
      nodes: [],
      edges: [],
    });
  });

/** Milliseconds from asking for an address until a row of it is there. */
const until = async (page: Page, address: string): Promise<number> => {
  await page.goto("about:blank");
  const start = performance.now();
  await page.goto(address);
  await page.getByRole("row").nth(1).waitFor();
  return performance.now() - start;
};

/** How quick the audit and the travel in time are with a long log. */
export const measureLog = async (client: Client, { context, origin }: LoggedIn, events: number): Promise<void> => {
  const perSecond = await fill(client, events);
  const { data: health } = await client.query("audit", "health", {});
  const note = `${health.checked} commits in the log; it was filled with ${Math.round(perSecond)} a second`;
  const page = await context.newPage();
  const medianOf = async (address: () => string): Promise<number> => {
    const took: Array<number> = [];
    while (took.length < runs) took.push(await until(page, `${origin}${address()}`));
    return median(took);
  };
  report({ name: "audit-rows", unit: "ms", value: await medianOf(() => "/audit"), note });
  report({ name: "audit-of-one", unit: "ms", value: await medianOf(() => "/audit?aggregate=graph&id=log-0-7"), note });
  // A moment that nobody has travelled to before, each time.
  let position = Math.floor(health.checked / 2);
  const travel = () => `/graphs?at=${position++}`;
  const first = await until(page, `${origin}${travel()}`);
  report({ name: "first-travel", unit: "ms", value: first, note: "to the middle of the log" });
  report({ name: "next-travel", unit: "ms", value: await medianOf(travel), note: "to other moments near it" });
  await page.close();
};

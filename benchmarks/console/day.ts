import type { Client } from "../../src/agents/kit/mod.ts";
import { quiet, report, throughput } from "../support/measurement.ts";
import type { LoggedIn } from "./browser.ts";

/** An event every eight or nine seconds. */
const eventsOfADay = 10_000;
const warmUp = 2_000;
const width = 16;

/** How much the heap of an open tab has grown after as many events as a day has, once what it keeps is full. */
export const measureDay = async (client: Client, { context, origin }: LoggedIn): Promise<void> => {
  const page = await context.newPage();
  await page.goto(`${origin}/graphs`);
  await page.getByRole("main").getByRole("heading").first().waitFor();
  const session = await context.newCDPSession(page);
  await session.send("HeapProfiler.enable");
  const heap = async (): Promise<number> => {
    await quiet();
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    return usedSize / 1024 / 1024;
  };
  for (let lane = 0; lane < width; lane++)
    await client.command<string, string>("graph", `day-${lane}`, "import", { id: `day-${lane}`, nodes: [], edges: [] });
  const describe = (index: number) => {
    const id = `day-${index % width}`;
    const description = `what it is for at ${index}`;
    return client.command("graph", id, "import", { id, description, nodes: [], edges: [] });
  };
  await throughput(warmUp, width, describe);
  const before = await heap();
  await throughput(eventsOfADay, width, (index) => describe(warmUp + index));
  const after = await heap();
  report({
    name: "heap-of-a-day",
    unit: "MiB",
    value: after - before,
    aim: 0,
    note: `from ${before.toFixed(1)} to ${after.toFixed(1)} after ${eventsOfADay} events`,
  });
  await page.close();
};

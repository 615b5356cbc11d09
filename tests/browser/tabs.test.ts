import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { heardBy, openConsole, type TestConsole } from "../support/console.ts";
import { withBrowser } from "../support/with-browser.ts";

const tabs = 20;
/** What is said in each dialog while the heap is watched. `CIM_DAY_ROUNDS=1000` says as much as a long day. */
const rounds = Number(process.env.CIM_DAY_ROUNDS ?? 60);
const dialogs = 10;
const patience = 900_000;

withBrowser("a browser with the console in many tabs", () => {
  let console: TestConsole;

  beforeAll(async () => {
    console = await openConsole({ args: ["--rate", "0"] });
    await console.importExample();
  });
  afterAll(() => console?.dispose());

  const streams = async () => {
    const text = await (await fetch(`${console.origin}/metrics`)).text();
    return Number(/^cim_http_streams (\d+)$/m.exec(text)?.[1]);
  };

  const waitForOneStream = async () => {
    while ((await streams()) !== 1) await new Promise((wake) => setTimeout(wake, 100));
  };

  test(
    "20 of them share one stream, and none waits for a connection; if the one that holds it closes, another goes on",
    async () => {
      const { page, client, open } = console;
      await open("/graphs");
      const others = await Promise.all(
        Array.from({ length: tabs - 1 }, async () => {
          const tab = await page.context().newPage();
          tab.setDefaultTimeout(120_000);
          await tab.goto(new URL("/graphs", page.url()).href);
          return tab;
        }),
      );
      const all: ReadonlyArray<Page> = [page, ...others];
      // A page asks a query for its list: with a stream in each tab, the seventh would wait for ever.
      const isSeen = (id: string) => (tab: Page) => tab.getByRole("row", { name: new RegExp(id) }).waitFor();
      await Promise.all(all.map(isSeen("five-services")));
      await waitForOneStream();
      const make = (id: string) => client.command("graph", id, "import", { id, nodes: [], edges: [] });
      await make("seen-by-20");
      await Promise.all(all.map(isSeen("seen-by-20")));

      // The first one holds the stream: it was there before the others.
      expect((await heardBy(page)).length).toBeGreaterThan(0);
      const meanwhile = Array.from({ length: 10 }, (_, index) => `meanwhile-${index}`);
      await Promise.all([page.close(), ...meanwhile.map(make)]);
      await make("seen-by-19");
      await Promise.all(others.map(isSeen("seen-by-19")));
      for (const tab of others) expect(await tab.getByRole("row", { name: /meanwhile-/ }).count()).toBe(10);
      const heard = (await Promise.all(others.map(heardBy))).flat().map(({ subject }) => subject);
      expect(heard.filter((subject) => subject.startsWith("graph/")).toSorted()).toEqual(
        [...meanwhile, "seen-by-19"].map((id) => `graph/${id}`).toSorted(),
      );
      await waitForOneStream();
    },
    patience,
  );

  test(
    "a day's worth of events does not make a page grow",
    async () => {
      const [page, ...others] = console.page.context().pages();
      if (page === undefined) throw new Error("no tab is left");
      await Promise.all(others.map((tab) => tab.close()));
      const { client } = console;
      await page.goto(new URL("/audit", console.origin).href);
      await page.getByRole("row").nth(3).waitFor();
      const debug = await page.context().newCDPSession(page);
      const ids = Array.from({ length: dialogs }, (_, dialog) => `day-${dialog}`);
      for (const id of ids)
        await client.command("dialog", id, "open", { type: "group", topic: "All day", participants: ["ann", "bert"] });
      let said = 0;
      const speak = async (turns: number) => {
        for (let turn = 0; turn < turns; turn++) {
          said += 1;
          const text = `${said} ${"x".repeat(1_000)}`;
          await Promise.all(ids.map((id) => client.command("dialog", id, "say", { text })));
        }
        const last = `the end of ${said}`;
        await client.command("graph", "ends", "import", { id: "ends", description: last, nodes: [], edges: [] });
        // The page shows it: what came before it is done.
        await page.getByRole("row", { name: /ends/ }).first().waitFor();
        while (!(await heardBy(page)).some(({ subject }) => subject === "graph/ends")) await page.waitForTimeout(50);
      };
      const heap = async () => {
        // What is kept for the test is not the page's.
        await page.evaluate("heardEvents.length = 0");
        await debug.send("HeapProfiler.collectGarbage");
        return (await debug.send("Runtime.getHeapUsage")).usedSize;
      };
      // Lists and the newest events are bounded: first they fill.
      await speak(60);
      const before = await heap();
      await speak(rounds);
      // Each turn as an event, or as a row of the list, would be a kilobyte at the least.
      expect((await heap()) - before).toBeLessThan((rounds * dialogs * 1_000) / 2);
    },
    patience,
  );
});

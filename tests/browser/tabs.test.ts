import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { CDPSession, Page } from "playwright-core";
import { heardBy, openConsole, type TestConsole } from "../support/console.ts";
import { soon } from "../support/soon.ts";
import { withBrowser } from "../support/with-browser.ts";

/** More than the six connections that a browser opens to an origin. `CIM_TABS=20` takes as many as the design names. */
const tabs = Number(process.env.CIM_TABS ?? 8);
/** Changes in each half of the day. */
const changes = Number(process.env.CIM_DAY_CHANGES ?? 240);
/** Changes before the page has to show the last of them: less than a page of the list, which grows by them. */
const atOnce = 40;
/** Bytes that a change has in the log, and a row of the list does not. */
const bytesOfChange = 20_000;

withBrowser("a browser with the console in many tabs, all day", () => {
  let console: TestConsole;

  beforeAll(async () => {
    console = await openConsole({ args: ["--rate", "0"] });
    await console.importExample();
  });
  afterAll(() => console?.dispose());

  const waitForOneStream = () =>
    soon(async () => {
      const text = await (await fetch(`${console.origin}/metrics`)).text();
      expect(text).toMatch(/^cim_http_streams 1$/m);
    });

  test("they share one stream, and none waits for a connection; if the one that holds it closes, another goes on", async () => {
    const { page, client, open } = console;
    await open("/graphs");
    const others = await Promise.all(
      Array.from({ length: tabs - 1 }, async () => {
        const tab = await page.context().newPage();
        await tab.goto(new URL("/graphs", page.url()).href);
        return tab;
      }),
    );
    const isSeen = (id: string) => (tab: Page) => tab.getByRole("row", { name: new RegExp(id) }).waitFor();
    await Promise.all([page, ...others].map(isSeen("five-services")));
    await waitForOneStream();
    const make = (id: string) => client.command("graph", id, "import", { id, nodes: [], edges: [] });
    await make("seen-by-all");
    await Promise.all([page, ...others].map(isSeen("seen-by-all")));

    // The first one holds the stream: it was there before the others.
    expect(await heardBy(page)).not.toHaveLength(0);
    const meanwhile = Array.from({ length: 10 }, (_, index) => `meanwhile-${index}`);
    await Promise.all([page.close(), ...meanwhile.map(make)]);
    await make("seen-by-others");
    await Promise.all(others.map(isSeen("seen-by-others")));
    for (const tab of others) expect(await tab.getByRole("row", { name: /meanwhile-/ }).count()).toBe(10);
    const heard = (await Promise.all(others.map(heardBy))).flat().map(({ subject }) => subject);
    expect(heard.filter((subject) => subject.startsWith("graph/")).toSorted()).toEqual(
      [...meanwhile, "seen-by-others"].map((id) => `graph/${id}`).toSorted(),
    );
    await waitForOneStream();
  });

  test("an address with a name that is not an id costs the other tabs nothing", async () => {
    const [tab, other] = console.page.context().pages();
    if (tab === undefined || other === undefined) throw new Error("two tabs are needed");
    await other.goto(new URL("/deployments/no%20id", console.origin).href);
    await other.getByRole("heading", { name: "There is no deployment no id" }).waitFor();
    await console.client.command("graph", "still-live", "import", { id: "still-live", nodes: [], edges: [] });
    await tab.getByRole("row", { name: /still-live/ }).waitFor();
  });

  const heapOf = async (page: Page, debug: CDPSession): Promise<number> => {
    // What is kept for the tests is not the page's.
    await page.evaluate("heardEvents.length = 0");
    for (let round = 0; round < 3; round++) await debug.send("HeapProfiler.collectGarbage");
    return (await debug.send("Runtime.getHeapUsage")).usedSize;
  };

  test("a page that has shown as much as it keeps does not grow any more", async () => {
    const [page, ...others] = console.page.context().pages();
    if (page === undefined) throw new Error("no tab is left");
    await Promise.all(others.map((tab) => tab.close()));
    const { client } = console;
    await page.goto(new URL("/audit", console.origin).href);
    await page.getByRole("row").nth(1).waitFor();
    const debug = await page.context().newCDPSession(page);
    let changed = 0;
    const change = (number: number) => {
      const description = `change ${number} `.padEnd(bytesOfChange, "x");
      const id = `day-${number % atOnce}`;
      return client.command("graph", id, "import", { id, description, nodes: [], edges: [] });
    };
    const halfADay = async () => {
      for (const end = changed + changes; changed < end; changed += atOnce) {
        await Promise.all(Array.from({ length: atOnce - 1 }, (_, index) => change(changed + index + 1)));
        await change(changed + atOnce);
        await page.getByRole("row", { name: new RegExp(`change ${changed + atOnce} `) }).waitFor();
      }
      return heapOf(page, debug);
    };
    const before = await halfADay();
    expect((await halfADay()) - before).toBeLessThan((changes * bytesOfChange) / 2);
  });
});

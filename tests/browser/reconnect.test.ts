import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { heardBy, openConsole, type TestConsole } from "../support/console.ts";
import { withBrowser } from "../support/with-browser.ts";

/** The processes of the browser that this one has started. */
const browserGroup = async (): Promise<number> => {
  for (const name of await readdir("/proc")) {
    const status = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    const [, command = "", parent = ""] = /^\d+ \((.*)\) \S (\d+)/.exec(status) ?? [];
    if (Number(parent) === process.pid && command.startsWith("chrom")) return -Number(name);
  }
  throw new Error("no browser is running");
};

withBrowser("a page whose connection is lost", () => {
  let console: TestConsole;
  /** Another tab of the same person, at a conversation. */
  let talk: Page;

  beforeAll(async () => {
    console = await openConsole({ isCuttable: true });
    const { client, page, open } = console;
    await console.importExample();
    await client.command("dialog", "talk", "open", { type: "group", topic: "Now", participants: ["ann", "bert"] });
    await open("/deployments");
    talk = await page.context().newPage();
    await talk.goto(new URL("/conversations/talk", page.url()).href);
    await talk.getByRole("textbox", { name: "What you say" }).waitFor();
  });
  afterAll(() => console?.dispose());

  const isLive = (page: Page) => page.getByText(/^● (live|resumed)$/).waitFor();
  const isLost = (page: Page) => page.getByText(/reconnecting/).waitFor();

  /** Follows a new deployment on the first tab. */
  const deploy = async (id: string) => {
    const { client, page, open } = console;
    await client.command("deployment", id, "request", { graph: "five-services", target: "simulated" });
    await open(`/deployments/${id}`);
    await isLive(page);
    await page
      .getByText(/deploying|monitoring|succeeded/)
      .first()
      .waitFor();
  };

  const ended = () => console.page.getByRole("main").getByText("succeeded").first().waitFor();

  /** Says something in the second tab, without waiting for the end. */
  const say = async (text: string) => {
    await talk.getByRole("textbox", { name: "What you say" }).fill(text);
    await talk.getByRole("button", { name: "Say", exact: true }).click();
  };

  /** What was said was said once, and the page says so. */
  const isSaidOnce = async (text: string) => {
    const said = talk.getByRole("article").getByText(text, { exact: true });
    const gaveUp = talk.getByText("It passes. Try it again in a moment.");
    // The page tries for some time only. Then the text is still there, and is said again under the same id.
    while (!(await said.isVisible())) {
      if (await gaveUp.isVisible()) await talk.getByRole("button", { name: "Say", exact: true }).click();
      await talk.waitForTimeout(100);
    }
    while ((await talk.getByRole("textbox", { name: "What you say" }).inputValue()) !== "")
      await talk.waitForTimeout(50);
    const { data } = await console.client.query("dialogs", "transcript", { id: "talk" });
    expect(JSON.stringify(data).split(text)).toHaveLength(2);
  };

  /**
   * All tabs together heard each event once that their stream followed, from the first one that they heard to the newest:
   * one stream is for all.
   */
  const nothingIsMissing = async () => {
    const { client } = console;
    const hear = async () => (await Promise.all([console.page, talk].map(heardBy))).flat();
    const heard = await hear();
    const followed = new Set(new URL(heard.at(-1)?.address ?? "").searchParams.get("follow")?.split(","));
    const first = Math.min(
      ...heard.filter(({ address }) => address.includes("feed%2Fdialog")).map((one) => one.feedsequence),
    );
    const consumer = await client.jetstream.consumers.get(client.names.streams.feed, { opt_start_seq: first } as never);
    const all: Array<number> = [];
    for await (const { seq, subject, info } of await consumer.consume()) {
      const kind = subject.split(".")[2] ?? "";
      if (seq >= first && followed.has(`feed/${kind}`)) all.push(seq);
      if (info.pending === 0) break;
    }
    const newest = all.at(-1) ?? 0;
    const numbersOf = (events: typeof heard) => events.map(({ feedsequence }) => feedsequence);
    // What happened a moment ago is on its way.
    let numbers = numbersOf(heard);
    while (!numbers.includes(newest)) {
      await talk.waitForTimeout(50);
      numbers = numbersOf(await hear());
    }
    expect(new Set(numbers).size).toBe(numbers.length);
    const compared = numbers.filter((number) => number >= first && number <= newest);
    expect(compared.toSorted((one, other) => one - other)).toEqual(all);
    expect(all.length).toBeGreaterThan(5);
  };

  test("because the server was killed: what one types stays, a command takes effect once, no event is missed", async () => {
    const { page, server } = console;
    await deploy("shop-1");
    await server.kill();
    await Promise.all([page, talk].map(isLost));
    await say("while the server was away");
    await server.again();
    await isSaidOnce("while the server was away");
    await Promise.all([page, talk].map(isLive));
    await ended();
    await nothingIsMissing();
  });

  test("because the network was cut: the same", async () => {
    const { page, way } = console;
    await deploy("shop-2");
    await talk.getByRole("textbox", { name: "What you say" }).fill("half a sent");
    way?.cut();
    await Promise.all([page, talk].map(isLost));
    await talk.getByRole("textbox", { name: "What you say" }).pressSequentially("ence");
    await talk.getByRole("button", { name: "Say", exact: true }).click();
    way?.mend();
    await isSaidOnce("half a sentence");
    await Promise.all([page, talk].map(isLive));
    await ended();
    await nothingIsMissing();
  });

  test("just when an answer was on its way: the command is not done again", async () => {
    let lost = 0;
    await talk.route("**/api/command/dialog/talk/say", async (route) => {
      if (lost > 1) return route.fallback();
      lost += 1;
      await route.fetch();
      await route.abort("connectionreset");
    });
    await say("answered twice into the void");
    await isSaidOnce("answered twice into the void");
    expect(lost).toBe(2);
    await talk.unroute("**/api/command/dialog/talk/say");
  });

  test("because the laptop slept, with and without its connections", async () => {
    const { page, client, way } = console;
    const group = await browserGroup();
    for (const round of ["kept", "broken"]) {
      process.kill(group, "SIGSTOP");
      try {
        if (round === "broken") way?.cut();
        for (let turn = 0; turn < 20; turn++)
          await client.command("dialog", "talk", "say", { text: `${round} ${turn} while nobody looked` });
        way?.mend();
      } finally {
        process.kill(group, "SIGCONT");
      }
      await talk.getByText(`${round} 19 while nobody looked`).waitFor();
      await Promise.all([page, talk].map(isLive));
    }
    await nothingIsMissing();
  });

  test("because the tab stands still that holds the stream: another one takes over, and gives it back", async () => {
    const { page, client, open } = console;
    // A page that begins holds no stream if another tab has one.
    await open("/conversations/talk");
    await isLive(page);
    const debug = await page.context().newCDPSession(talk);
    await debug.send("Debugger.enable");
    await debug.send("Debugger.pause");
    await client.command("dialog", "talk", "say", { text: "said to a tab that is awake" });
    await page.getByText("said to a tab that is awake").waitFor();
    await debug.send("Debugger.resume");
    await debug.detach();
    await client.command("dialog", "talk", "say", { text: "said to all" });
    for (const tab of [page, talk]) {
      await tab.getByText("said to all").waitFor();
      await isLive(tab);
      expect(await tab.getByText(/^said to/).count()).toBe(2);
    }
    expect((await heardBy(page)).length).toBeGreaterThan(0);
  });
});

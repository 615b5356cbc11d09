import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { axeViolations, isTooWide, openConsole, type TestConsole } from "../support/console.ts";
import { soon } from "../support/soon.ts";
import { withBrowser } from "../support/with-browser.ts";

const closure = (name: string) => `/nix/store/${name.padEnd(32, "0")}-nixos-system-leaf-9`;

withBrowser("fleet and knowledge", () => {
  let console: TestConsole;

  beforeAll(async () => {
    console = await openConsole();
    const { client, grant } = console;
    await grant(["ann"], "monitor");
    await client.command("host", "leaf-9", "report-state", {
      health: "unhealthy",
      failing: ["web"],
      closure: closure("a"),
      observed: { failedUnits: [], load: 0.5, disk: { totalBytes: 100e9, freeBytes: 25e9 } },
    });
    await client.command("task", "latin", "submit", { type: "translate", requiredCapabilities: ["latin"] });
    const fact = { subject: "web", predicate: "runs-on", object: "leaf-9", source: "a walk through the room" };
    await client.command("knowledge", "team", "assert-fact", fact);
  });
  afterAll(() => console.dispose());

  const isFine = async () => {
    expect(await axeViolations(console.page)).toEqual([]);
    expect(await isTooWide(console.page, 375)).toBe(false);
  };

  test("hosts, drift, agents and the queue", async () => {
    const { page, open } = console;
    await open("/fleet");
    await page.getByRole("row", { name: /leaf-9.*unhealthy.*web fails/ }).waitFor();
    await page.getByRole("tab", { name: /Drift/ }).click();
    await page.getByRole("heading", { name: "No host has drifted" }).waitFor();
    await page.getByRole("tab", { name: /Agents/ }).click();
    await page.getByRole("row", { name: /deployer-1.*online/ }).waitFor();
    await page.getByRole("tab", { name: /Queue/ }).click();
    await page
      .getByRole("row", { name: /latin.*translate/ })
      .getByRole("link")
      .click();
    await page.getByRole("heading", { name: "latin", level: 1 }).waitFor();
  });

  test("a host: load, disk, and why it cannot be said", async () => {
    const { page, open } = console;
    await open("/fleet/hosts/leaf-9");
    await page.getByText("75 % of 100 GB").waitFor();
    await page.getByText(/no deployment has been on host/).waitFor();
    await open("/fleet/agents/deployer-1");
    await page.getByRole("heading", { name: "It has had no task yet" }).waitFor();
  });

  test("a task is submitted, and its agent signed off by an admin", async () => {
    const { page, open, client, grant } = console;
    await grant(["ann"], "admin");
    await open("/fleet?tab=queue");
    await page.getByRole("button", { name: "New task" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Type").fill("greek-letters");
    await dialog.getByLabel("What its agent must be able to do").fill("greek");
    await dialog.getByLabel("Payload").fill("{");
    await dialog.getByText("this is not JSON").waitFor();
    await dialog.getByLabel("Payload").fill('{"letters": 24}');
    await isFine();
    await dialog.getByRole("button", { name: "Submit it" }).click();
    await page.getByRole("heading", { name: /^greek-letters-/, level: 1 }).waitFor();
    await page.getByText('"letters": 24').waitFor();

    await client.command("agent", "scribe", "register", { capabilities: ["greek-script"], reason: "it helps" });
    await open("/fleet/agents/scribe");
    await page.getByRole("button", { name: "Sign it off" }).click();
    await page.getByRole("dialog").getByLabel("Why").fill("it only stands about");
    await page.getByRole("dialog").getByRole("button", { name: "Sign it off" }).click();
    await page.getByText("deregistered").first().waitFor();
  });

  test("a host is operated if the graph permits it, and released from its graph", async () => {
    const { page, open, client } = console;
    const host = { id: "leaf-8", type: "host", system: "x86_64-linux", address: "10.0.0.8", rootDevice: "/dev/vda1" };
    const web = { id: "web", type: "service", command: "/run/current-system/sw/bin/web" };
    const ann = { id: "ann", type: "agent", capabilities: ["look"] };
    const edges = [
      { from: "web", to: "leaf-8", type: "runs-on" },
      { from: "ann", to: "leaf-8", type: "runs-on" },
      { from: "ann", to: "web", type: "manages", permissions: ["restart"] },
    ];
    await client.command<string, string>("graph", "one", "import", { id: "one", nodes: [host, web, ann], edges });
    const quick = { graph: "one", target: "simulated", discussionSeconds: 1, monitorSeconds: 0 } as const;
    await client.command("deployment", "one-1", "request", quick);
    page.setDefaultTimeout(120_000);
    await open("/fleet/hosts/leaf-8");
    await page.getByRole("button", { name: "Do it now" }).waitFor();
    await page.getByRole("combobox", { name: "node" }).selectOption("web");
    await isFine();
    await page.getByRole("combobox", { name: "what" }).selectOption("stop");
    await page.getByRole("button", { name: "Do it now" }).click();
    await page
      .getByRole("alert")
      .getByText(/may not stop/)
      .waitFor();
    await page.getByRole("combobox", { name: "what" }).selectOption("restart");
    await page.getByRole("button", { name: "Do it now" }).click();
    await soon(async () => {
      const { data } = await client.query("audit", "trail", { aggregate: "host", id: "leaf-8" });
      expect(data.items.map(({ type }) => type)).toContain("operation-requested");
    });

    await page.getByRole("button", { name: "Release" }).click();
    await page.getByRole("dialog").getByLabel("Why").fill("it goes to another graph");
    await page.getByRole("button", { name: "Release it" }).click();
    await page.getByText("Nothing was deployed here yet.").waitFor();
  });

  test("knowledge: facts, search with reasons, around an entity, a fact whole", async () => {
    const { page, open } = console;
    await open("/knowledge/team");
    await page.getByRole("row", { name: /web.*runs-on.*leaf-9/ }).waitFor();
    await page.getByRole("tab", { name: "Search" }).click();
    await page.getByLabel("What do you want to know?").fill("web");
    await page.getByRole("listitem").filter({ hasText: "in subject" }).waitFor();
    await open("/knowledge/team?tab=around&entity=web");
    await page.getByRole("row", { name: /leaf-9/ }).waitFor();
    await open("/knowledge/team");
    await page
      .getByRole("row", { name: /runs-on/ })
      .getByRole("link")
      .click();
    await page.getByText("a walk through the room").first().waitFor();
  });

  test("no page has complained", () =>
    // Chromium without a graphics card says how slow it is.
    expect(console.complaints().filter((text) => !text.includes("GL Driver Message"))).toEqual([]));
});

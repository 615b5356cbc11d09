import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { axeViolations, isTooWide, openConsole, type TestConsole } from "../support/console.ts";
import { soon } from "../support/soon.ts";
import { withBrowser } from "../support/with-browser.ts";

withBrowser("lists", () => {
  let console: TestConsole;

  beforeAll(async () => {
    console = await openConsole();
  });
  afterAll(() => console.dispose());

  const lists = [
    ["/", "Needs you", "Nothing waits for you"],
    ["/graphs", "Graphs", "There is no graph yet"],
    ["/deployments", "Deployments", "Nothing was deployed yet"],
    ["/decisions", "Decisions", "Nothing was put to the vote yet"],
    ["/conversations", "Conversations", "Nobody has talked yet"],
  ] as const;

  test.each(lists)("%s says what to do first if there is nothing", async (path, title, empty) => {
    const { page, open } = console;
    await open(path);
    await page.getByRole("heading", { name: title, level: 1 }).waitFor();
    await page.getByRole("heading", { name: empty }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    expect(await isTooWide(page, 375)).toBe(false);
  });

  test("a graph is in its list as soon as it is imported, and its row leads to it", async () => {
    const { page, open, importExample } = console;
    await open("/graphs");
    await importExample();
    const row = page.getByRole("row", { name: /five-services/ });
    await row.waitFor();
    await row.getByRole("link").focus();
    await page.keyboard.press("Enter");
    await page.waitForURL("**/graphs/five-services");
  });

  test("a deployment is on the page as it moves", async () => {
    const { page, open, client } = console;
    await open("/deployments");
    await client.command("deployment", "shop-1", "request", { graph: "five-services", target: "simulated" });
    await page.getByRole("row", { name: /shop-1/ }).waitFor();
    await page.getByRole("row", { name: /shop-1.*(voting|generating|deploying|monitoring|succeeded)/ }).waitFor();
    for (const [path] of lists) {
      await open(path);
      expect(await axeViolations(page)).toEqual([]);
    }
  });

  test("Ctrl-K finds pages and things, by the keyboard alone", async () => {
    const { page, open } = console;
    await open("/");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Search or do anything" }).fill("shop-1 deploy");
    await page
      .getByRole("option", { name: /shop-1/ })
      .first()
      .waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.waitForURL("**/shop-1");
  });

  test("the command line of a screen works", async () => {
    const { page, open, url } = console;
    for (const path of ["/", "/graphs/five-services", "/deployments/shop-1", "/audit"]) {
      await open(path);
      const shown = page.getByRole("region", { name: "This screen elsewhere" }).locator("pre").first();
      const line = (await shown.textContent()) ?? "";
      const [command, ...words] = line.split(" ").filter((word) => word !== "--watch");
      expect(command).toBe("cim");
      const { status, stderr } = spawnSync("bin/cim", [...words, "--nats", url], { encoding: "utf8" });
      // A note, such as that there are more, is no failure.
      expect([line, status, stderr]).toEqual([line, 0, expect.not.stringMatching(/^cim: /m)]);
    }
  });

  test("a moment of the past is read-only, and leads back", async () => {
    const { page, open } = console;
    await open("/graphs?at=1");
    await page.getByRole("note").getByText("as it was at position 1").waitFor();
    await page.getByRole("heading", { name: "There is no graph yet" }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole("button", { name: "Back to now" }).click();
    await page.getByRole("row", { name: /five-services/ }).waitFor();
  });

  test("the present stands beside the past, and what has changed since is one click away", async () => {
    const { page, open, client } = console;
    const { data: before } = await client.query("graphs", "get", { id: "five-services" });
    const added = {
      id: "later",
      type: "host",
      system: "x86_64-linux",
      address: "10.9.9.9",
      rootDevice: "/dev/vda1",
    } as const;
    const accepted = await client.command("graph", "five-services", "add-node", { node: added });
    await open(`/graphs/five-services?at=${accepted.position - 1}`);
    await page.getByRole("button", { name: "Beside now" }).click();
    const [then, now] = ["As it was", "As it is now"].map((name) => page.getByRole("region", { name, exact: true }));
    await now?.getByRole("row", { name: /^later/ }).waitFor();
    await then?.getByRole("row", { name: /^leaf-1/ }).waitFor();
    expect(await then?.getByRole("row", { name: /^later/ }).count()).toBe(0);
    expect(await axeViolations(page)).toEqual([]);
    expect(await isTooWide(page, 375)).toBe(false);
    await page.getByRole("link", { name: "What has changed since" }).click();
    await page.waitForURL(`**/diff?left=graphs/five-services@${before.version}&right=graphs/five-services`);
    await page.getByText("later").first().waitFor();
  });

  test("a key is made in the browser, and registered", async () => {
    const { page, open, client } = console;
    await open("/");
    await page.getByRole("button", { name: "You act as ann" }).click();
    await page.getByRole("menuitem", { name: /Signing key/ }).click();
    await page.getByRole("button", { name: "Make a key in this browser" }).click();
    await page.getByText("This browser signs your ballots").waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await soon(async () => {
      const { data } = await client.query("principals", "get", { id: "ann" });
      expect(data.publicKey).toMatch(/^U[A-Z2-7]{55}$/);
    });
  });

  test("no page has complained", () => expect(console.complaints()).toEqual([]));
});

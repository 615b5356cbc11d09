import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { axeViolations, isTooWide, openConsole, type TestConsole } from "../support/console.ts";
import { soon } from "../support/soon.ts";
import { withBrowser } from "../support/with-browser.ts";

withBrowser("plan, differences and drafts", () => {
  let console: TestConsole;

  beforeAll(async () => {
    console = await openConsole();
    await console.importExample();
  });
  afterAll(() => console.dispose());

  test("a plan says what starts where, before anything is asked for; the flake can be read", async () => {
    const { page, open } = console;
    await open("/plan/five-services");
    await page.getByRole("region", { name: "Wave 1" }).waitFor();
    await page.getByText("starts").first().waitFor();
    expect(await axeViolations(page)).toEqual([]);
    expect(await isTooWide(page, 375)).toBe(false);
    await page.getByRole("tab", { name: "Flake" }).click();
    await page.getByRole("button", { name: "flake.nix", exact: true }).click();
    await page.getByRole("textbox", { name: "flake.nix" }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });

  test("two versions are compared in words and as JSON", async () => {
    const { page, open, client } = console;
    const { data } = await client.query("graphs", "get", { id: "five-services" });
    const added = {
      id: "compared",
      type: "host",
      system: "x86_64-linux",
      address: "10.9.9.9",
      rootDevice: "/dev/vda1",
    } as const;
    await client.command("graph", "five-services", "add-node", { node: added });
    await open(`/diff?left=graphs/five-services@${data?.version}&right=graphs/five-services`);
    await page.getByText("compared").first().waitFor();
    expect(await axeViolations(page)).toEqual([]);
    expect(await isTooWide(page, 375)).toBe(false);
    await page.getByRole("tab", { name: "JSON" }).click();
    await page.getByRole("textbox", { name: "What differs, as JSON" }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });

  test("two people edit one draft, and it becomes a version", async () => {
    const { page, open, another, client } = console;
    await open("/drafts");
    await page.getByRole("combobox", { name: "Graph" }).fill("five");
    await page.getByRole("option", { name: "five-services" }).click();
    await page.getByRole("button", { name: "Begin a draft" }).click();
    await page.waitForURL("**/drafts/five-services-v*");
    await page.getByText("Nobody else has this draft open").waitFor();
    const ben = await another("ben");
    await ben.goto(new URL(new URL(page.url()).pathname, ben.url()).href);
    await page.getByText("ben").first().waitFor();
    await page.getByRole("textbox", { name: "Description" }).fill("ours");
    await ben.getByRole("textbox", { name: "Description" }).getByText("ours").waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await ben.getByRole("row", { name: /^leaf-1/ }).click();
    await page.getByRole("row", { name: /^leaf-1.*ben is here/ }).waitFor();
    await page.getByRole("button", { name: /^leaf-1.*ben is here/ }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole("button", { name: "Make it the next version" }).click();
    await soon(async () => {
      const { data } = await client.query("graphs", "get", { id: "five-services" });
      expect(data.description).toBe("ours");
    });
  });

  test("who has not opened a draft finds it by who is in it", async () => {
    const { page, open, another } = console;
    const draft = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    const cleo = await another("cleo");
    await open("/drafts", cleo);
    const list = cleo.getByRole("list", { name: "Drafts that people have open now" });
    const line = list.getByRole("listitem").filter({ hasText: draft });
    await line.getByText("ann, ben").waitFor();
    expect(await axeViolations(cleo)).toEqual([]);
    expect(await isTooWide(cleo, 375)).toBe(false);
    await line.getByRole("link").click();
    await cleo.getByRole("textbox", { name: "Description" }).getByText("ours").waitFor();
  });

  test("no page has complained", () => expect(console.complaints()).toEqual([]));
});

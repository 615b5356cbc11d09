import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { axeViolations, isTooWide, openConsole, type TestConsole } from "../support/console.ts";
import { soon } from "../support/soon.ts";
import { withBrowser } from "../support/with-browser.ts";

withBrowser("audit", () => {
  let console: TestConsole;

  beforeAll(async () => {
    console = await openConsole();
    await console.importExample();
    await console.client.command("graph", "five-services", "remove-node", { id: "worker" });
  });
  afterAll(() => console.dispose());

  const isFine = async () => {
    expect(await axeViolations(console.page)).toEqual([]);
    expect(await isTooWide(console.page, 375)).toBe(false);
  };

  test("the log, the newest first, narrowed down by what one types, and live", async () => {
    const { page, open, client } = console;
    await open("/audit");
    await page.getByLabel("type of event").fill("node-removed");
    await page.waitForURL("**type=node-removed*");
    await page.getByRole("row", { name: /node removed.*five-services/ }).waitFor();
    await soon(async () => expect(await page.getByRole("row").count()).toBe(2));
    await client.command("graph", "five-services", "remove-node", { id: "bus" });
    await page.getByRole("row", { name: /node removed.*bus/ }).waitFor();
  });

  test("one event whole: what it changed, and what belongs to it", async () => {
    const { page, open } = console;
    await open("/audit?type=node-removed&id=five-services");
    await page
      .getByRole("row", { name: /worker/ })
      .getByRole("link")
      .focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "node removed", level: 1 }).waitFor();
    await page.getByText("a command from outside").waitFor();
    await page.getByRole("tab", { name: "What it changed" }).click();
    await page.getByRole("listitem").filter({ hasText: "content.nodes.worker" }).waitFor();
    await page.getByRole("tab", { name: "Causes and effects" }).click();
    await page.getByRole("row", { name: /node removed.*five-services/ }).waitFor();
  });

  test("a document as it was, compared with now", async () => {
    const { page, open } = console;
    await open("/audit/documents/graph/five-services");
    // Only the rows in sight are drawn: the keyboard leads to the first event.
    await page.getByRole("row").nth(1).getByRole("link").focus();
    await page.keyboard.press("End");
    await page.getByRole("row", { name: /graph created/ }).waitFor();
    await page.keyboard.press("Enter");
    await page
      .getByRole("region", { name: "What is different since then" })
      .getByText("content.nodes.worker")
      .waitFor();
  });

  test("the log verifies, with its progress", async () => {
    const { page, open } = console;
    await open("/audit/verify");
    await page.getByRole("button", { name: "Verify" }).click();
    await page.getByText(/^Unaltered: /).waitFor();
  });

  test("everything as it was, read-only, and back to now", async () => {
    const { page, open } = console;
    await open("/audit?type=node-removed&at=1");
    await page.getByRole("note").getByText("Nothing can be changed here").waitFor();
    await page.getByRole("heading", { name: "No event fits all of this" }).waitFor();
    await isFine();
    await page.getByRole("button", { name: "Back to now" }).click();
    await page
      .getByRole("row", { name: /node removed/ })
      .first()
      .waitFor();
  });

  test("no page has complained", () => expect(console.complaints()).toEqual([]));
});

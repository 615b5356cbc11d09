import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { largeGraph } from "../../benchmarks/stalls/graph.ts";
import { axeViolations, isTooWide, openConsole, type TestConsole } from "../support/console.ts";
import { soon } from "../support/soon.ts";
import { withBrowser } from "../support/with-browser.ts";

withBrowser("overview", () => {
  let console: TestConsole;

  beforeAll(async () => {
    console = await openConsole();
    await console.client.command<string, string>("graph", "large", "import", largeGraph(1_000, "large"));
  });
  afterAll(() => console.dispose());

  test("a large graph opens as an overview; what is found is drawn on the canvas, edited, and left again", async () => {
    const { page, open, client } = console;
    await open("/graphs/large");
    await page.getByRole("application", { name: /^Overview/ }).waitFor();
    await page.getByRole("searchbox", { name: "Find nodes" }).fill("service-77");
    await page.getByText(/^\d+ found/).waitFor();
    await page.keyboard.press("Enter");
    const form = page.getByRole("region", { name: "Form" });
    await form.getByRole("heading", { name: /^service-77/ }).waitFor();
    await page.getByRole("group", { name: "Draw a part on the canvas" }).getByRole("button", { name: /^host/ }).click();
    const canvas = page.getByRole("application", { name: /^Canvas/ });
    await canvas.getByRole("button", { name: /^service-77/ }).waitFor();
    expect(await canvas.getByRole("button").count()).toBeLessThan(40);
    await page.getByText(/\d+ of 1000 nodes/).waitFor();

    await form.getByLabel("Command").first().fill("/bin/edited");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("· version").waitFor();
    await page.getByRole("button", { name: "← Overview" }).click();
    await page.getByRole("application", { name: /^Overview/ }).waitFor();
    await page.getByRole("button", { name: "Save", exact: true, disabled: true }).waitFor();
    await soon(async () => {
      const { data } = await client.query("graphs", "get", { id: "large" });
      expect(data.nodes).toHaveLength(1_000);
      expect(data.nodes).toContainEqual(expect.objectContaining({ command: "/bin/edited" }));
    });
  });

  test("by the keyboard: from node to node, to what is around one, and back", async () => {
    const { page, open } = console;
    await open("/graphs/large");
    const overview = page.getByRole("application", { name: /^Overview/ });
    await overview.focus();
    await page.keyboard.press("ArrowRight");
    const form = page.getByRole("region", { name: "Form" });
    const first = await form.getByRole("heading", { level: 2 }).textContent();
    await page.keyboard.press("ArrowDown");
    await form
      .getByRole("heading", { level: 2 })
      .filter({ hasNotText: first ?? "" })
      .waitFor();
    await page.keyboard.press("e");
    await page.getByRole("application", { name: /^Canvas/ }).waitFor();
    expect(page.url()).toContain("part=around");
    await page.getByRole("row", { name: /^host-0/ }).focus();
    await page.keyboard.press("o");
    await overview.waitFor();
    await page.goBack();
    await page.getByRole("application", { name: /^Canvas/ }).waitFor();
  });

  test("problems of a large graph are there as one types, with one click to what they are about", async () => {
    const { page, open } = console;
    await open("/graphs/large");
    await page.getByRole("searchbox", { name: "Find nodes" }).fill("service-700");
    await page.keyboard.press("Enter");
    const form = page.getByRole("region", { name: "Form" });
    await form.getByRole("heading", { name: "service-700" }).waitFor();
    await form.getByLabel("Port").fill("99999");
    const problems = page.getByRole("region", { name: "Problems and findings" });
    await problems.getByRole("button", { name: /service-700.*expected a port/ }).click();
    await page.getByRole("row", { name: /service-700.*error/ }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
  });

  test("is well for screen readers, and narrow windows", async () => {
    const { page, open } = console;
    for (const path of ["/graphs/large", "/graphs/large?view=canvas&part=host%3Ahost-1"]) {
      await open(path);
      await page.getByRole("application").first().waitFor();
      expect(await axeViolations(page)).toEqual([]);
      expect(await isTooWide(page, 375)).toBe(false);
    }
  });

  test("no page has complained", () => expect(console.complaints()).toEqual([]));
});

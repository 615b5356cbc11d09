import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { axeViolations, isTooWide, openConsole, type TestConsole } from "../support/console.ts";
import { soon } from "../support/soon.ts";
import { withBrowser } from "../support/with-browser.ts";

withBrowser("designer", () => {
  let console: TestConsole;

  beforeAll(async () => {
    console = await openConsole();
    await console.importExample();
  });
  afterAll(() => console.dispose());

  const press = async (...keys: ReadonlyArray<string>) => {
    for (const key of keys) await console.page.keyboard.press(key);
  };

  test("a graph is made by the keyboard alone, and saved", async () => {
    const { page, open, client } = console;
    await open("/graphs/by-hand");
    await page.getByRole("button", { name: "+ Add" }).focus();
    await press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "host", exact: true }).focus();
    await press("Enter");
    const form = page.getByRole("region", { name: "Form" });
    await form.getByRole("heading", { name: "host-1" }).waitFor();
    await form.getByLabel("Address").focus();
    await page.keyboard.type("10.0.0.7");

    // From the outline: A adds, and the form opens by Enter.
    const outline = page.getByRole("treegrid", { name: "Outline" });
    await outline.getByRole("row", { name: /host-1/ }).focus();
    await press("a");
    await page.getByRole("dialog").getByRole("button", { name: "service", exact: true }).focus();
    await press("Enter");
    await form.getByRole("heading", { name: "service-1" }).waitFor();
    await form.getByLabel("Name", { exact: true }).fill("web");
    await form.getByLabel("Command").fill("/run/current-system/sw/bin/web");
    await form.getByLabel("Port").fill("8080");
    await outline.getByRole("row", { name: /web service/ }).waitFor();
    await page.keyboard.press("Control+s");
    await page.getByText(/^· version \d/).waitFor();
    await soon(async () => {
      const { data } = await client.query("graphs", "get", { id: "by-hand" });
      expect(data).toMatchObject({
        nodes: [
          { id: "host-1", address: "10.0.0.7" },
          { id: "web", port: 8080 },
        ],
        edges: [{ from: "web", type: "runs-on", to: "host-1" }],
      });
    });
  });

  test("problems are there as one types, one click takes a remedy, and undo brings it back", async () => {
    const { page, open } = console;
    await open("/graphs/by-hand");
    const problems = page.getByRole("region", { name: "Problems and findings" });
    await problems.getByText("it has no health check").waitFor();
    await problems.getByRole("button", { name: /^Mend it:.*healthCheck/ }).click();
    await problems.getByText("it has no health check").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Undo" }).click();
    await problems.getByText("it has no health check").waitFor();

    await page.getByRole("row", { name: /web service/ }).click();
    const form = page.getByRole("region", { name: "Form" });
    await form.getByLabel("Port").fill("99999");
    await form.getByText("expected a port from 1 to 65535").waitFor();
    await problems.getByText(/expected a port/).waitFor();
  });

  test("what was not saved is there after a reload, and can be dropped", async () => {
    const { page } = console;
    await page.waitForTimeout(600);
    await page.reload();
    await page.getByRole("button", { name: /unsaved/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Drop my changes" }).click();
    await page.getByRole("button", { name: /unsaved/ }).waitFor({ state: "detached" });
  });

  test("JSON, outline and form are one state", async () => {
    const { page, open } = console;
    await open("/graphs/five-services?view=json");
    const json = page.getByRole("textbox", { name: "The graph as JSON" });
    await json.waitFor();
    await page.getByRole("row", { name: /gateway/ }).click();
    await page.getByRole("region", { name: "Form" }).getByLabel("Name", { exact: true }).fill("front");
    await json.getByText('"front"').first().waitFor();
    await page.getByRole("row", { name: /front service/ }).waitFor();
    await page.keyboard.press("Control+z");
    await page.getByRole("row", { name: /gateway service/ }).waitFor();
  });

  test("the canvas: arrow keys to the nearest node, Enter to its form", async () => {
    const { page, open } = console;
    await open("/graphs/five-services");
    const canvas = page.getByRole("application", { name: /Canvas/ });
    await canvas.getByRole("button", { name: /^web-api/ }).click();
    const form = page.getByRole("region", { name: "Form" });
    await form.getByRole("heading", { name: "web-api" }).waitFor();
    await page.keyboard.press("ArrowRight");
    await form.getByRole("heading", { name: "bus" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await form.getByRole("heading", { name: "postgres" }).waitFor();
    await page.keyboard.press("Enter");
    await page.waitForFunction("document.activeElement.closest('#designer-form') !== null");
  });

  test("the canvas: nodes and edges by the mouse", async () => {
    const { page, open } = console;
    await open("/graphs/five-services");
    const canvas = page.getByRole("application", { name: /Canvas/ });
    await page.getByRole("button", { name: "+ monitoring" }).dragTo(canvas.getByRole("button", { name: /^leaf-1/ }));
    const form = page.getByRole("region", { name: "Form" });
    await form.getByRole("heading", { name: "monitoring-1" }).waitFor();
    await form.getByRole("button", { name: /leaf-1 runs-on/ }).waitFor();

    const source = canvas.getByRole("button", { name: /^monitoring-1/ }).locator(".react-flow__handle-right.source");
    const target = canvas.getByRole("button", { name: /^postgres/ }).locator(".react-flow__handle-left.target");
    await source.hover();
    await page.mouse.down();
    const end = await target.boundingBox();
    if (end === null) throw new Error("the handle of postgres is not on the canvas");
    await page.mouse.move(end.x + end.width / 2, end.y + end.height / 2, { steps: 8 });
    await page.mouse.up();
    await page.getByRole("dialog").getByRole("button", { name: "monitoring-1 monitors postgres" }).click();
    await form.getByRole("heading", { name: "monitoring-1/monitors/postgres" }).waitFor();

    // To another host by dragging.
    await canvas
      .getByRole("button", { name: /^monitoring-1/ })
      .dragTo(canvas.getByRole("button", { name: /^leaf-2/ }), { steps: 8 });
    await canvas.getByRole("button", { name: /^monitoring-1/ }).click();
    await form.getByRole("button", { name: /leaf-2 runs-on/ }).waitFor();
    while (await page.getByRole("button", { name: "Undo" }).isEnabled())
      await page.getByRole("button", { name: "Undo" }).click();
  });

  test("parts are copied and pasted by the keyboard", async () => {
    const { page, open } = console;
    await open("/graphs/five-services");
    await page.getByRole("row", { name: /web-api service/ }).click();
    await page.keyboard.press("Control+c");
    await page.keyboard.press("Control+v");
    await page.getByRole("row", { name: /web-api-2 service/ }).waitFor();
    await page.keyboard.press("Delete");
    await page.getByRole("row", { name: /web-api-2 service/ }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Undo" }).click();
  });

  test("nobody overwrites what others have saved meanwhile", async () => {
    const { page, open, client } = console;
    await open("/graphs/five-services?view=json");
    await page.getByRole("row", { name: /worker/ }).click();
    await page.getByRole("region", { name: "Form" }).getByLabel("Package").fill("hello");
    await client.command("graph", "five-services", "update-node", { id: "worker", changes: { user: "w" } });
    await page.getByText(/live is version/).waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("alert").waitFor();
    await page.getByRole("button", { name: /live is version/ }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(/user is "w"/).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Drop my changes" }).click();
  });

  test("is read only for those that it is not shared with, and at a version", async () => {
    const { open, page } = console;
    await open("/graphs/five-services?version=22");
    await page.getByText("Read only: this is how it was.").waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).waitFor({ state: "detached" });
  });

  test("is well for screen readers, and narrow windows", async () => {
    const { page, open } = console;
    for (const path of ["/graphs/five-services", "/graphs/five-services?view=json"]) {
      await open(path);
      await page.getByRole("row", { name: /web-api/ }).click();
      expect(await axeViolations(page)).toEqual([]);
      expect(await isTooWide(page, 375)).toBe(false);
    }
  });

  test("no page has complained", () => expect(console.complaints()).toEqual([]));
});

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { axeViolations, isTooWide, openConsole, type TestConsole } from "../support/console.ts";
import { withBrowser } from "../support/with-browser.ts";

withBrowser("designer", () => {
  let console: TestConsole;

  beforeAll(async () => {
    console = await openConsole();
    await console.importExample();
    await console.client.command("graph", "by-hand", "import", {
      id: "by-hand",
      nodes: [
        { id: "host-1", type: "host", system: "x86_64-linux", address: "10.0.0.7", rootDevice: "/dev/vda1" },
        { id: "web", type: "service", command: "/run/current-system/sw/bin/web", port: 8080 },
      ],
      edges: [{ from: "web", to: "host-1", type: "runs-on" }],
    });
  });
  afterAll(() => console.dispose());

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

  test("firewall paths: what may reach what, of all and of what is selected, on a link that one can send", async () => {
    const { page, open } = console;
    await open("/graphs/five-services");
    await page.getByRole("button", { name: "Firewall paths" }).click();
    const list = page.getByRole("region", { name: "Firewall paths" });
    await list.getByText("everyone → ssh on leaf-1").waitFor();
    await page
      .getByRole("application", { name: /Canvas/ })
      .getByText("tcp 5432")
      .first()
      .waitFor();
    expect(page.url()).toContain("layer=firewall");
    await page.getByRole("row", { name: /postgres database/ }).click();
    await list.getByText(/for postgres/).waitFor();
    await list.getByText("everyone").waitFor({ state: "detached" });
    expect(await axeViolations(page)).toEqual([]);
    await page.reload();
    await list.getByText("everyone → ssh on leaf-1").waitFor();
  });

  test("boxes that one moves stay in this browser until one shares them; then others see them at once", async () => {
    const { page, open, another } = console;
    const other = await another("bob");
    const boxIn = (one: Page) => one.locator(".react-flow__node-box", { hasText: "leaf-1" });
    const placeIn = async (one: Page) =>
      /transform:[^;]+/.exec((await boxIn(one).getAttribute("style")) ?? "")?.[0] ?? "nowhere";
    await open("/graphs/five-services");
    await open("/graphs/five-services", other);
    await boxIn(other).waitFor();
    const before = await placeIn(other);
    await boxIn(page)
      .getByRole("button", { name: /^leaf-1/ })
      .dragTo(page.getByRole("application", { name: /Canvas/ }), { targetPosition: { x: 200, y: 20 }, steps: 8 });
    const bar = page.getByRole("group", { name: "Arrangement of the boxes" });
    await bar.getByRole("button", { name: "Share arrangement" }).click();
    await other.getByText("arranged by ann").waitFor();
    const after = await placeIn(other);
    expect(after).not.toBe(before);
    expect(after).toBe(await placeIn(page));
    expect(await other.getByRole("button", { name: "Undo for everyone" }).count()).toBe(0);
    await bar.getByRole("button", { name: "Undo for everyone" }).click();
    await other.getByText("arranged by ann").waitFor({ state: "detached" });
    expect(await placeIn(other)).toBe(before);
    await other.context().close();
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

import type { Locator, Page } from "playwright-core";
import type { Client } from "../../src/agents/kit/mod.ts";
import { largeGraph } from "../stalls/graph.ts";
import { report } from "../support/measurement.ts";
import { graphicsOf, type LoggedIn } from "./browser.ts";

const overviewNodes = 10_000;
const designerNodes = 300;
const seconds = 5;
/** Milliseconds that an import may take. */
const patience = 300_000;
/** The largest message has about five thousand new nodes. */
const step = 5_000;

const beginFrames = (page: Page) =>
  page.evaluate(`(() => {
    window.frames_ = [];
    const next = (time) => { window.frames_.push(time); requestAnimationFrame(next); };
    requestAnimationFrame(next);
  })()`);

/** How many frames a second the browser makes meanwhile. */
const framesDuring = async (page: Page, work: () => Promise<void>): Promise<number> => {
  await page.evaluate("window.frames_.length = 0");
  const start = performance.now();
  await work();
  const took = performance.now() - start;
  return (Number(await page.evaluate("window.frames_.length")) / took) * 1000;
};

/** Frames a second in the overview of ten thousand nodes, while one drags it about, and while one goes nearer and farther. */
export const measureOverview = async (client: Client, { context, origin }: LoggedIn): Promise<void> => {
  for (let nodes = step; nodes <= overviewNodes; nodes += step) {
    const graph = JSON.stringify(largeGraph(nodes, "large"));
    const reply = await client.nats.request("cim.cmd.bench.graph.large.import", graph, { timeout: patience });
    const { ok, error } = reply.json<{ readonly ok: boolean; readonly error?: unknown }>();
    if (!ok) throw new Error(`a graph of ${nodes} nodes was not imported: ${JSON.stringify(error)}`);
  }
  const page = await context.newPage();
  await page.goto(`${origin}/graphs/large`);
  const overview = page.getByRole("application", { name: /^Overview/ });
  await overview.waitFor();
  // What is checked meanwhile is done.
  await page.waitForTimeout(10_000);
  const { name, isSoftware } = await graphicsOf(page);
  const note = isSoftware ? `software GL: ${name}` : name;
  const { x, y, width, height } = (await overview.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const middle = { x: x + width / 2, y: y + height / 2 };
  await beginFrames(page);
  const isOver = (start: number) => performance.now() - start > seconds * 1000;
  const pan = await framesDuring(page, async () => {
    await page.mouse.move(middle.x, middle.y);
    await page.mouse.down();
    const start = performance.now();
    for (let turn = 0; !isOver(start); turn++) {
      await page.mouse.move(middle.x + 120 * Math.sin(turn / 20), middle.y + 80 * Math.cos(turn / 15));
      await page.waitForTimeout(8);
    }
    await page.mouse.up();
  });
  const zoom = await framesDuring(page, async () => {
    const start = performance.now();
    for (let turn = 0; !isOver(start); turn++) {
      await page.mouse.wheel(0, turn % 12 < 6 ? -120 : 120);
      await page.waitForTimeout(120);
    }
  });
  report({ name: "overview-pan", unit: "frames/s", value: pan, aim: 60, note });
  report({ name: "overview-zoom", unit: "frames/s", value: zoom, aim: 60, note });
  await page.close();
};

/**
 * The longest task of the page while one edits a graph of 300 nodes: types into a form, adds a node, drags one, deletes it,
 * and takes it all back.
 */
export const measureEditing = async (client: Client, { context, origin }: LoggedIn): Promise<void> => {
  await client.command<string, string>("graph", "edited", "import", largeGraph(designerNodes, "edited"));
  const page = await context.newPage();
  await page.goto(`${origin}/graphs/edited`);
  await page.locator(".react-flow__node").first().waitFor();
  await page.getByRole("row", { name: /service-1 / }).click();
  await page.waitForTimeout(5_000);
  // Found beforehand: looking for roles and names goes through the whole page, and would be the longest task by far.
  const handleOf = (locator: Locator) => locator.elementHandle({ timeout: patience });
  const command = await handleOf(page.getByRole("region", { name: "Form" }).getByLabel("Command").first());
  const add = await handleOf(page.getByRole("button", { name: "+ service", exact: true }));
  const undo = await handleOf(page.getByRole("button", { name: "Undo" }));
  const node = await handleOf(page.locator(".react-flow__node-spot").first());
  if (command === null || add === null || undo === null || node === null) throw new Error("the designer is not whole");
  await page.evaluate(`(() => {
    window.tasks = [];
    new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration)))
      .observe({ entryTypes: ["longtask"] });
  })()`);
  await command.focus();
  await page.keyboard.type("/bin/something-else", { delay: 60 });
  await add.click();
  await page.waitForTimeout(1_000);
  await page.locator("#designer-form input").first().fill("web");
  await node.hover();
  await page.mouse.down();
  const { x, y } = (await node.boundingBox()) ?? { x: 0, y: 0 };
  await page.mouse.move(x + 60, y + 60, { steps: 20 });
  await page.mouse.up();
  await page.keyboard.press("Escape");
  await page.waitForTimeout(1_000);
  while (await undo.isEnabled()) {
    await undo.click();
    await page.waitForTimeout(200);
  }
  await page.waitForTimeout(1_000);
  const tasks = (await page.evaluate("window.tasks")) as ReadonlyArray<number>;
  const note = tasks.length === 0 ? "0: no task took more than 50 ms" : `${tasks.length} tasks took more than 50 ms`;
  report({ name: "longest-task", unit: "ms", value: Math.max(0, ...tasks), aim: 50, note });
  await page.close();
};

import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { chromium, type Locator, type Page } from "playwright-core";
import { chromiumPath } from "../../support/console.ts";
import { type Frame, filmOf, webPicture } from "./web-picture.ts";

const root = resolve(import.meta.dirname, "../../..");
const to = join(root, "docs/pictures/film.webp");
const [width, height] = [1280, 800];
/** A reader of the README has to load it. */
const mostBytes = 1_500_000;
/** As many pictures as a reader has patience for. */
const mostFrames = 24;
const quality = 60;

/** The demonstration, with its page. */
const startDemo = async () => {
  const demo = spawn(join(root, "bin/cim"), ["demo", "--console-port", "0"], { stdio: ["ignore", "pipe", "pipe"] });
  const link = await new Promise<string>((found, fail) => {
    for (const output of [demo.stdout, demo.stderr])
      createInterface({ input: output }).on("line", (line) => {
        const [, address] = /watch it in a browser: (\S+)/.exec(line) ?? [];
        if (address !== undefined) found(address);
      });
    demo.once("exit", (code) => fail(new Error(`the demo ended with ${code}`)));
  });
  return { link, stop: () => demo.kill("SIGINT") };
};

/**
 * Follows a deployment of the list to its end: the first, which is the last row, or the second. A picture that says the
 * same as the one before is left out.
 */
const watch = async (page: Page, deployment: "first" | "second", ends: RegExp): Promise<ReadonlyArray<Frame>> => {
  const frames: Array<Frame> = [];
  const main = page.getByRole("main");
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Deployments" }).click();
  await main.getByRole("heading", { name: "Deployments", level: 1 }).waitFor();
  const rows = main.getByRole("row");
  await rows.nth(deployment === "first" ? 1 : 2).waitFor();
  await (deployment === "first" ? rows.last() : rows.nth(1)).getByRole("link").click();
  await main.getByRole("heading", { level: 1 }).waitFor();
  const end = main.getByText(ends).first();
  for (let said = ""; !(await end.isVisible()); await page.waitForTimeout(150)) {
    // Ages and durations change all the time.
    const text = ((await main.textContent()) ?? "").replaceAll(/[\d.]+/g, "");
    if (text === said) continue;
    said = text;
    frames.push({ picture: await webPicture(page, quality), seconds: 0.7 });
  }
  await page.waitForTimeout(1_000);
  return [...frames, { picture: await webPicture(page, quality), seconds: 3 }];
};

/** Shows a page for a while. */
const still = async (page: Page, address: string, ready: Locator): Promise<Frame> => {
  await page.goto(address);
  await ready.waitFor();
  await page.waitForTimeout(1_000);
  return { picture: await webPicture(page, quality), seconds: 3 };
};

/** Follows the story of the demonstration through the pages: the graph, which is shown first, waits for nothing. */
const film = async (page: Page, link: string): Promise<ReadonlyArray<Frame>> => {
  await page.goto(link);
  const first = await watch(page, "first", /^(?:✓ )?succeeded$/);
  const second = await watch(page, "second", /run exactly what they ran before/);
  const at = (path: string) => new URL(path, link).href;
  const graph = await still(page, at("/graphs/five-services"), page.getByRole("application", { name: /Canvas/ }));
  const why = page.getByRole("table", { name: "What led to it" }).getByRole("row").nth(1);
  return [graph, ...first, ...second, await still(page, at("/fleet/hosts/leaf-1"), why)];
};

/** Leaves out short frames evenly if there are too many; those that are shown long stay. */
const shortened = (frames: ReadonlyArray<Frame>): ReadonlyArray<Frame> => {
  const quick = frames.filter(({ seconds }) => seconds < 2);
  const step = Math.max(1, quick.length / (mostFrames - (frames.length - quick.length)));
  const kept = new Set(
    Array.from({ length: Math.floor(quick.length / step) }, (_, at) => quick[Math.floor(at * step)]),
  );
  return frames.filter((frame) => frame.seconds >= 2 || kept.has(frame));
};

const demo = await startDemo();
const browser = await chromium.launch({ executablePath: chromiumPath ?? "", args: ["--no-sandbox"] });
try {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: "light",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(300_000);
  const made = filmOf(shortened(await film(page, demo.link)), width, height);
  if (made.length > mostBytes) throw new Error(`the film has ${made.length} bytes, more than ${mostBytes}`);
  await writeFile(to, made);
  console.log(`${to}: ${made.length} bytes`);
} finally {
  await browser.close();
  demo.stop();
}

import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { chromium, type Page } from "playwright-core";
import { chromiumPath } from "../../support/console.ts";
import { webPicture } from "./web-picture.ts";

const root = resolve(import.meta.dirname, "../../..");
const to = join(root, "docs/pictures/film.svg");
const [width, height] = [1120, 700];
/** A reader of the README has to load it. */
const mostBytes = 1_500_000;
/** As many pictures as a reader has patience for. */
const mostFrames = 24;
const quality = 60;

/** A picture, and how long the film shows it, in seconds. */
interface Frame {
  readonly picture: Buffer;
  readonly seconds: number;
}

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

/** Films a page. A frame that is like the one before makes that one longer. */
const camera = (page: Page) => {
  const frames: Array<Frame> = [];
  const take = async (seconds: number) => {
    const picture = await webPicture(page, quality);
    const before = frames.at(-1);
    if (before?.picture.equals(picture)) frames[frames.length - 1] = { picture, seconds: before.seconds + 0.2 };
    else frames.push({ picture, seconds });
  };
  return { frames, take };
};

/** Follows the newest deployment from its list to its end. */
const watch = async (page: Page, link: string, take: (seconds: number) => Promise<void>, ends: RegExp) => {
  await page.goto(new URL("/deployments", link).href);
  await page.getByRole("row").nth(1).getByRole("link").click();
  const end = page.getByRole("main").getByText(ends).first();
  await page.getByRole("table").first().waitFor();
  while (!(await end.isVisible())) {
    await take(0.5);
    await page.waitForTimeout(700);
  }
  await page.waitForTimeout(1_000);
  await take(3);
};

/** Follows the story of the demonstration through the pages. */
const film = async (page: Page, link: string): Promise<ReadonlyArray<Frame>> => {
  const { frames, take } = camera(page);
  await page.goto(link);
  await page.goto(new URL("/graphs/five-services", link).href);
  await page.getByRole("application", { name: /Canvas/ }).waitFor();
  await page.waitForTimeout(1_000);
  await take(2.5);
  await watch(page, link, take, /^(?:✓ )?succeeded$/);
  await page.goto(new URL("/deployments", link).href);
  await page.getByRole("row").nth(2).waitFor();
  await watch(page, link, take, /run exactly what they ran before/);
  await page.goto(new URL("/fleet/hosts/leaf-1", link).href);
  await page.getByRole("table", { name: "What led to it" }).getByRole("row").nth(1).waitFor();
  await page.waitForTimeout(500);
  await take(3);
  return frames;
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

/** A film as one picture: SVG that shows one frame after the other, and the last one to those who want no motion. */
const svgOf = (frames: ReadonlyArray<Frame>): string => {
  const whole = frames.reduce((sum, { seconds }) => sum + seconds, 0);
  let begin = 0;
  const shown = frames.map(({ picture, seconds }, index) => {
    const [from, until] = [begin / whole, (begin + seconds) / whole].map((part) => (part * 100).toFixed(2));
    begin += seconds;
    const first = index === 0 ? "0%{visibility:visible}" : `0%{visibility:hidden}${from}%{visibility:visible}`;
    const last = index === frames.length - 1 ? "" : `${until}%,100%{visibility:hidden}`;
    return {
      rule: `@keyframes f${index}{${first}${last}}#f${index}{animation:f${index} ${whole}s step-end infinite}`,
      image: `<image id="f${index}" width="${width}" height="${height}" href="data:image/webp;base64,${picture.toString("base64")}"/>`,
    };
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">`,
    "<title>The demonstration in the console: a graph, its deployment, and a second one that fails and goes back</title>",
    `<style>image{visibility:hidden}#f${frames.length - 1}{visibility:visible}`,
    `@media (prefers-reduced-motion:no-preference){${shown.map(({ rule }) => rule).join("")}}</style>`,
    ...shown.map(({ image }) => image),
    "</svg>\n",
  ].join("\n");
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
  const svg = svgOf(shortened(await film(page, demo.link)));
  if (svg.length > mostBytes) throw new Error(`the film has ${svg.length} bytes, more than ${mostBytes}`);
  await writeFile(to, svg);
  console.log(`${to}: ${svg.length} bytes`);
} finally {
  await browser.close();
  demo.stop();
}

import { gzipSync } from "node:zlib";
import type { Client } from "../../src/agents/kit/mod.ts";
import { largeGraph } from "../stalls/graph.ts";
import type { Leaf } from "../support/leaf.ts";
import { median, report } from "../support/measurement.ts";
import type { LoggedIn } from "./browser.ts";
import { fillWithDeployments } from "./fill.ts";

const runs = 7;

/**
 * From the request of the page until something is painted, and until the first rows of the list are there, with nothing
 * in the cache of the browser and this number of deployments in the store.
 */
export const measureFirstPaint = async (
  leaf: Leaf,
  { context, origin }: LoggedIn,
  deployments: number,
): Promise<void> => {
  await fillWithDeployments(leaf, deployments);
  await leaf.idle();
  const painted: Array<number> = [];
  const listed: Array<number> = [];
  for (let run = 0; run < runs; run++) {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send("Network.setCacheDisabled", { cacheDisabled: true });
    await page.goto(`${origin}/deployments`);
    await page.getByRole("row", { name: /shop-/ }).first().waitFor();
    const [paint, now] = (await page.evaluate(
      `[performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN, performance.now()]`,
    )) as readonly [number, number];
    painted.push(paint);
    listed.push(now);
    await page.close();
  }
  const note = `${deployments} deployments in the store`;
  report({ name: "first-paint", unit: "ms", value: median(painted), aim: 1_000, note });
  report({ name: "first-rows", unit: "ms", value: median(listed), note });
};

/** What a browser loads of the page, gzipped: at first, and once canvas, JSON and overview have been shown. */
export const measureBytes = async (client: Client, { context, origin }: LoggedIn): Promise<void> => {
  await client.command<string, string>("graph", "bytes", "import", largeGraph(400, "bytes"));
  const page = await context.newPage();
  const sizes = new Map<string, Promise<number>>();
  page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    const isOfPage = pathname.startsWith("/assets/") || response.request().resourceType() === "document";
    if (!isOfPage || !response.ok()) return;
    const size = response.body().then((body) => gzipSync(body).length);
    // A page that was left has no bodies any more.
    sizes.set(
      pathname,
      size.catch(() => 0),
    );
  });
  const kibibytes = async () => {
    await page.waitForLoadState("networkidle").catch(() => undefined);
    const all = await Promise.all(sizes.values());
    return all.reduce((sum, size) => sum + size, 0) / 1024;
  };
  const session = await context.newCDPSession(page);
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  await page.goto(`${origin}/`);
  await page.getByRole("main").getByRole("heading").first().waitFor();
  report({ name: "bytes-first", unit: "KiB", value: await kibibytes(), aim: 300 });
  for (const view of ["canvas", "json", "overview"]) {
    await page.goto(`${origin}/graphs/bytes?view=${view}&part=host%3Ahost-1`);
    await page.locator(".react-flow, .cm-editor, .sigma-mouse").first().waitFor();
    await kibibytes();
  }
  report({ name: "bytes-all", unit: "KiB", value: await kibibytes() });
  await page.close();
};

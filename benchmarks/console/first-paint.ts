import { gzipSync } from "node:zlib";
import type { Client } from "../../src/agents/kit/mod.ts";
import { largeGraph } from "../stalls/graph.ts";
import { median, report, throughput } from "../support/measurement.ts";
import type { LoggedIn } from "./browser.ts";

const deployments = 1_000;
const width = 16;
const runs = 7;

/** Requests deployments that nobody decides on, and cancels them: each leaves its documents in the views. */
const fill = async (client: Client): Promise<void> => {
  for (let lane = 0; lane < width; lane++) {
    const { nodes, edges } = largeGraph(210, `lane-${lane}`);
    const isSmall = (one: unknown) => /"(host-[0-3]|service-[0-3])"/.test(JSON.stringify(one));
    await client.command<string, string>("graph", `lane-${lane}`, "import", {
      id: `lane-${lane}`,
      nodes: [...(nodes as ReadonlyArray<never>)].filter(isSmall),
      edges: [...(edges as ReadonlyArray<never>)].filter(isSmall),
    });
  }
  await throughput(deployments, width, async (index) => {
    const id = `shop-${index}`;
    await client.command("deployment", id, "request", { graph: `lane-${index % width}`, target: "simulated" });
    await client.command("deployment", id, "cancel", { reason: "measured" });
  });
};

/**
 * From the request of the page until something is painted, and until the first rows of the list are there, with nothing
 * in the cache of the browser.
 */
export const measureFirstPaint = async (client: Client, { context, origin }: LoggedIn): Promise<void> => {
  await fill(client);
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
  report({ name: "first-paint", unit: "ms", value: median(painted), aim: 1_000 });
  report({ name: "first-rows", unit: "ms", value: median(listed) });
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

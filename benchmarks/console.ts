import { logIn, startBrowser } from "./console/browser.ts";
import { measureDay } from "./console/day.ts";
import { measureEditing, measureOverview } from "./console/drawing.ts";
import { measureBytes, measureFirstPaint } from "./console/first-paint.ts";
import { measureLatency } from "./console/latency.ts";
import { serveConsole } from "./console/server.ts";
import { onLeaf } from "./support/leaf.ts";

/**
 * How quick the console is in a real browser, at a real backend. Each measurement has the aim of the design beside it.
 * Names of stories as arguments take only those.
 */
const stories = {
  bytes: measureBytes,
  editing: measureEditing,
  overview: measureOverview,
  latency: measureLatency,
  day: measureDay,
  paint: measureFirstPaint,
};

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
try {
  const browser = await startBrowser();
  try {
    await onLeaf(async ({ backend, client, idle }) => {
      const server = await serveConsole(backend.url, "bench");
      try {
        const loggedIn = await logIn(browser, server.link);
        for (const [name, measure] of Object.entries(stories)) {
          if (wanted.length > 0 && !wanted.includes(name)) continue;
          await idle();
          await measure(client, loggedIn);
        }
      } finally {
        await server.stop();
      }
    });
  } finally {
    await browser.close();
  }
} catch (error) {
  console.error(`cim bench console: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

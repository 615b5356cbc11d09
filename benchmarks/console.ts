import { type LoggedIn, logIn, startBrowser } from "./console/browser.ts";
import { measureDay } from "./console/day.ts";
import { measureEditing, measureOverview } from "./console/drawing.ts";
import { measureBytes, measureFirstPaint } from "./console/first-paint.ts";
import { measureLatency } from "./console/latency.ts";
import { measureLog } from "./console/log.ts";
import { serveConsole } from "./console/server.ts";
import { type Leaf, onLeaf } from "./support/leaf.ts";

const words = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));

/** The number that follows the name of a story. */
const numberAfter = (story: string, usual: number): number => {
  const word = words[words.indexOf(story) + 1] ?? "";
  return words.includes(story) && /^\d+$/.test(word) ? Number(word) : usual;
};

/**
 * How quick the console is in a real browser, at a real backend. Each measurement has the aim of the design beside it.
 * Names of stories as arguments take only those. A number after `paint` is how many deployments are in the store, and one
 * after `log` how many events are in the log.
 */
const stories: Readonly<Record<string, (leaf: Leaf, loggedIn: LoggedIn) => Promise<void>>> = {
  bytes: ({ client }, loggedIn) => measureBytes(client, loggedIn),
  editing: ({ client }, loggedIn) => measureEditing(client, loggedIn),
  overview: ({ client }, loggedIn) => measureOverview(client, loggedIn),
  latency: ({ client }, loggedIn) => measureLatency(client, loggedIn),
  day: ({ client }, loggedIn) => measureDay(client, loggedIn),
  paint: (leaf, loggedIn) => measureFirstPaint(leaf, loggedIn, numberAfter("paint", 1_000)),
  log: ({ client }, loggedIn) => measureLog(client, loggedIn, numberAfter("log", 100_000)),
};

const wanted = words.filter((word) => Object.hasOwn(stories, word));
try {
  const browser = await startBrowser();
  try {
    await onLeaf(async (leaf) => {
      const server = await serveConsole(leaf.backend.url, "bench");
      try {
        const loggedIn = await logIn(browser, server.link);
        for (const [name, measure] of Object.entries(stories)) {
          if (wanted.length > 0 && !wanted.includes(name)) continue;
          await leaf.idle();
          await measure(leaf, loggedIn);
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

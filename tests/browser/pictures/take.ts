import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { openConsole } from "../../support/console.ts";
import { storyArguments, tellStory } from "./story.ts";

const docs = resolve(import.meta.dirname, "../../../docs/pictures");
const others = join(docs, "others");

/** One page of the console: its name, its address, and which of its pictures README and docs show. */
interface Motif {
  readonly name: string;
  readonly path: string;
  readonly shown?: "light" | "dark";
  /** What is done on the page before it is taken. */
  readonly before?: (page: Page) => Promise<unknown>;
}

const tab = (name: string | RegExp) => (page: Page) => page.getByRole("tab", { name }).click();

const motifs: ReadonlyArray<Motif> = [
  { name: "needs-you", path: "/", shown: "light" },
  { name: "graphs", path: "/graphs" },
  { name: "designer", path: "/graphs/five-services", shown: "light" },
  { name: "drafts", path: "/drafts" },
  { name: "plan", path: "/plan/five-services", shown: "light" },
  { name: "diff", path: "/diff?left=deployments/shop-1&right=deployments/shop-2" },
  { name: "deployments", path: "/deployments" },
  { name: "deployment", path: "/deployments/shop-2", shown: "dark" },
  { name: "deployment-succeeded", path: "/deployments/shop-1" },
  { name: "conversations", path: "/conversations" },
  { name: "conversation", path: "/conversations/search", shown: "light" },
  { name: "sequence", path: "/conversations/search", before: tab("Sequence") },
  { name: "decisions", path: "/decisions" },
  { name: "decision-before", path: "/decisions/search-on-leaf-2" },
  {
    name: "decision",
    path: "/decisions/search-on-leaf-2",
    shown: "light",
    before: (page) => page.getByRole("button", { name: "show them anyway" }).click(),
  },
  { name: "fleet", path: "/fleet", shown: "light" },
  { name: "drift", path: "/fleet?tab=drift" },
  { name: "agents", path: "/fleet?tab=agents" },
  { name: "queue", path: "/fleet?tab=queue" },
  { name: "host", path: "/fleet/hosts/leaf-2" },
  { name: "agent", path: "/fleet/agents/deployer-1" },
  { name: "spaces", path: "/knowledge" },
  { name: "knowledge", path: "/knowledge/shop" },
  { name: "around", path: "/knowledge/shop?tab=around&entity=search&hops=2", shown: "dark" },
  {
    name: "fact",
    path: "/knowledge/shop?subject=search",
    before: (page) =>
      page
        .getByRole("row", { name: /owned-by/ })
        .getByRole("link")
        .click(),
  },
  { name: "rules", path: "/rules" },
  { name: "principals", path: "/rules?tab=principals" },
  { name: "freezes", path: "/rules?tab=freezes" },
  {
    name: "beside",
    path: "/deployments/shop-2",
    before: async (page) => {
      await page.getByRole("button", { name: /^Go to: shop-2 was requested/ }).click();
      await page.getByRole("button", { name: "Beside now" }).click();
    },
  },
  { name: "audit", path: "/audit", shown: "light" },
  { name: "story", path: "/audit/decisions/search-on-leaf-2" },
  { name: "verify", path: "/audit/verify" },
];

/** The same pages while there is nothing yet. */
const empty: ReadonlyArray<Motif> = [
  "needs-you",
  "graphs",
  "drafts",
  "deployments",
  "conversations",
  "decisions",
  "fleet",
  "knowledge",
  "rules",
  "audit",
].map((name) => ({ name: `empty-${name}`, path: name === "needs-you" ? "/" : `/${name}` }));

const sizes = [
  [1440, 900, ["light", "dark"]],
  [1024, 768, ["light"]],
  [375, 812, ["light", "dark"]],
] as const;

/** Waits until nothing more arrives: fonts are the system's, and motion is reduced. */
const settle = (page: Page) => page.waitForTimeout(400);

/** Takes the pictures of one page in all sizes. */
const take = async (page: Page, { name, shown }: Motif) => {
  for (const [width, height, themes] of sizes) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of themes) {
      await page.emulateMedia({ colorScheme });
      await settle(page);
      const isShown = width === 1440 && colorScheme === shown;
      const path = isShown ? join(docs, `${name}.png`) : join(others, `${name}-${width}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: width === 375 });
    }
  }
};

/** Names of pages as arguments take only those. */
const wanted = process.argv.slice(2);
await rm(others, { recursive: true, force: true });
await mkdir(others, { recursive: true });
const console_ = await openConsole({ args: storyArguments });
const takeAll = async (all: ReadonlyArray<Motif>) => {
  const { page, open } = console_;
  for (const motif of all.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await open(motif.path);
    await motif.before?.(page);
    await settle(page);
    await take(page, motif);
  }
};
try {
  await takeAll(empty);
  await tellStory(console_);
  await takeAll(motifs);
  for (const complaint of console_.complaints()) console.error(complaint);
} finally {
  await console_.dispose();
}

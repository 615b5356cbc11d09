import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { largeGraph } from "../../../benchmarks/stalls/graph.ts";
import { openConsole } from "../../support/console.ts";
import { fillWithHostile } from "../hostile.ts";
import { storyArguments, tellStory } from "./story.ts";
import { webPicture } from "./web-picture.ts";

const docs = resolve(import.meta.dirname, "../../../docs/pictures");
const others = join(docs, "others");
/** Of what README and docs show: letters are sharp, and the repository stays small. */
const quality = 82;

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
  {
    name: "designer",
    path: "/graphs/five-services",
    shown: "light",
    before: (page) => page.getByText("postgres runs on leaf-2 only").first().waitFor(),
  },
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
  { name: "task", path: "/fleet/tasks/move-dns" },
  {
    name: "draft",
    path: "/drafts",
    before: async (page) => {
      await page.getByRole("combobox", { name: "Graph" }).fill("five-services");
      await page.getByRole("option", { name: "five-services" }).click();
      await page.getByRole("button", { name: "Begin a draft" }).click();
      await page.getByRole("treegrid", { name: "Outline" }).waitFor();
    },
  },
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
      await page.getByRole("button", { name: "Go to: shop-2: rolled-back" }).click();
      await page.getByRole("button", { name: /^Go to: Deploy version/ }).click();
      await page.getByRole("button", { name: "Beside now" }).click();
    },
  },
  { name: "audit", path: "/audit", shown: "light" },
  { name: "event", path: "/audit/events/proposal/search-on-leaf-2/1" },
  { name: "history", path: "/audit/documents/graph/five-services" },
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

/** The same with a graph of a thousand nodes, three hundred turns, and what somebody says who means harm. */
const extremes: ReadonlyArray<Motif> = [
  { name: "overview", path: "/graphs/large", before: (page) => page.waitForTimeout(3_000) },
  { name: "overview-part", path: "/graphs/large?view=canvas&part=host%3Ahost-1" },
  { name: "huge-plan", path: "/plan/large" },
  { name: "huge-graphs", path: "/graphs" },
  { name: "huge-conversation", path: "/conversations/long" },
  { name: "broken-designer", path: "/graphs/odd" },
  { name: "broken-deployment", path: "/deployments/odd-1" },
  { name: "broken-conversation", path: "/conversations/odd" },
  { name: "broken-decision", path: "/decisions/odd" },
  { name: "broken-fact", path: "/knowledge/odd" },
  { name: "nothing-there", path: "/deployments/not-there" },
];

const sizes = [
  [1440, 900, ["light", "dark"]],
  [1024, 768, ["light"]],
  [375, 812, ["light", "dark"]],
] as const;

/** Waits until nothing more arrives: fonts are the system's, and motion is reduced. */
const settle = async (page: Page) => {
  await page.waitForTimeout(400);
  const busy = page.locator("main [aria-busy=true]");
  for (let looks = 0; looks < 100 && (await busy.count()) > 0; looks++) await page.waitForTimeout(100);
};

/** Takes the pictures of one page in all sizes. */
const take = async (page: Page, { name, shown }: Motif) => {
  for (const [width, height, themes] of sizes) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of themes) {
      await page.emulateMedia({ colorScheme });
      await settle(page);
      await page.screenshot({ path: join(others, `${name}-${width}-${colorScheme}.png`), fullPage: width === 375 });
      if (width === 1440 && colorScheme === shown)
        await writeFile(join(docs, `${name}.webp`), await webPicture(page, quality));
    }
  }
};

/** Names of pages as arguments take only those. */
const wanted = process.argv.slice(2);
if (wanted.length === 0) await rm(others, { recursive: true, force: true });
await mkdir(others, { recursive: true });
const console_ = await openConsole({ args: storyArguments });
const takeAll = async (all: ReadonlyArray<Motif>) => {
  const { page, open } = console_;
  page.setDefaultTimeout(60_000);
  for (const motif of all.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    await page.setViewportSize({ width: 1440, height: 900 });
    try {
      await open(motif.path);
      await motif.before?.(page);
      await settle(page);
      await take(page, motif);
    } catch (error) {
      console.error(`${motif.name} was not taken: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    }
  }
};
const fillWithExtremes = async () => {
  const { client } = console_;
  await fillWithHostile(console_);
  await client.command<string, string>("graph", "large", "import", largeGraph(1_000, "large"));
  const ids = Array.from({ length: 200 }, (_, index) => `graph-${index}`);
  await Promise.all(ids.map((id) => client.command("graph", id, "import", { id, nodes: [], edges: [] })));
  await client.command("dialog", "long", "open", { type: "group", topic: "Long", participants: ["ann", "bert"] });
  for (let turn = 1; turn <= 300; turn++)
    await client.command("dialog", "long", "say", { text: `word ${turn} ${"and more ".repeat(turn % 40)}` });
};
try {
  await takeAll(empty);
  await tellStory(console_);
  await takeAll(motifs);
  await fillWithExtremes();
  await takeAll(extremes);
  for (const complaint of console_.complaints()) console.error(complaint);
} finally {
  await console_.dispose();
}

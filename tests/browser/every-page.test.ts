import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { axeViolations, isTooWide, openConsole, type TestConsole } from "../support/console.ts";
import { withBrowser } from "../support/with-browser.ts";
import { fillWithHostile, unseen } from "./hostile.ts";

const registry = resolve(import.meta.dirname, "../../src/console/page/registry.ts");
const script = join(import.meta.dirname, "every-page.js");

/** An address with content, and what is done there before it is looked at. `quiet`: it shows no text of others. */
interface Visit {
  readonly address: string;
  readonly quiet?: true;
  readonly before?: (page: Page) => Promise<unknown>;
}

const at = (address: string, before?: Visit["before"]): Visit =>
  before === undefined ? { address } : { address, before };
const quiet = (address: string, before?: Visit["before"]): Visit => ({ ...at(address, before), quiet: true });
const tab = (name: string | RegExp) => (page: Page) => page.getByRole("tab", { name }).click();

/** Addresses of every page; VERSION is the newest of the graph `odd`. A page that is missing here fails a test. */
const visits: Readonly<Record<string, ReadonlyArray<Visit>>> = {
  "/": [at("/")],
  "/graphs": [at("/graphs")],
  "/graphs/:id": [
    at("/graphs/odd"),
    quiet("/graphs/odd", (page) => page.getByRole("row", { name: /odd service/ }).click()),
    quiet("/graphs/odd?view=json"),
  ],
  "/drafts": [quiet("/drafts")],
  "/drafts/:id": [quiet("/drafts/odd-vVERSION-abcdef")],
  "/plan/:graph": [quiet("/plan/odd"), quiet("/plan/odd", tab("Flake"))],
  "/rules": [quiet("/rules")],
  "/diff": [quiet("/diff?left=graphs/five-services&right=graphs/odd@VERSION")],
  "/deployments": [quiet("/deployments")],
  "/deployments/:id": [at("/deployments/odd-1")],
  "/conversations": [at("/conversations")],
  "/conversations/:id": [at("/conversations/odd"), at("/conversations/odd", tab("Sequence"))],
  "/decisions": [at("/decisions")],
  "/decisions/:id": [at("/decisions/odd", (page) => page.getByRole("button", { name: "show them anyway" }).click())],
  "/fleet": [quiet("/fleet"), quiet("/fleet?tab=drift"), quiet("/fleet?tab=agents"), quiet("/fleet?tab=queue")],
  "/fleet/hosts/:id": [at("/fleet/hosts/odd-host")],
  "/fleet/agents/:id": [at("/fleet/agents/eve")],
  "/fleet/tasks/:id": [at("/fleet/tasks/odd")],
  "/knowledge": [quiet("/knowledge")],
  "/knowledge/:id": [
    at("/knowledge/odd"),
    quiet("/knowledge/odd?tab=search"),
    quiet("/knowledge/odd?tab=around&entity=odd"),
  ],
  "/knowledge/:id/facts/:fact": [
    at("/knowledge/odd", (page) => page.getByRole("table").getByRole("link").first().click()),
  ],
  "/audit": [quiet("/audit")],
  "/audit/verify": [quiet("/audit/verify")],
  "/audit/events/:aggregate/:id/:version": [
    at("/audit/events/dialog/odd/1"),
    quiet("/audit/events/graph/odd/2", tab("What it changed")),
    quiet("/audit/events/proposal/odd/2"),
    quiet("/audit/events/deployment/odd-1/1"),
  ],
  "/audit/decisions/:id": [at("/audit/decisions/odd")],
  "/audit/documents/:aggregate/:id": [at("/audit/documents/dialog/odd"), at("/audit/documents/graph/odd")],
};

withBrowser("every page", () => {
  let console: TestConsole;
  let look: string;

  beforeAll(async () => {
    console = await openConsole();
    await console.importExample();
    await fillWithHostile(console);
    look = await readFile(script, "utf8");
  });
  afterAll(() => console?.dispose());

  test("of the registry is looked at here", async () => {
    const source = await readFile(registry, "utf8");
    const patterns = [...source.matchAll(/^ {2}page\("([^"]+)"/gm)].map(([, pattern = ""]) => pattern);
    expect(patterns.length).toBeGreaterThan(20);
    expect(Object.keys(visits).toSorted()).toEqual(patterns.toSorted());
  });

  test.each(Object.entries(visits))(
    "%s: nothing against WCAG 2.2 AA in either theme, and text of others is text",
    async (_, all) => {
      const { page, open } = console;
      const { data } = await console.client.query("graphs", "get", { id: "odd" });
      for (const { address: pattern, quiet: isQuiet, before } of all) {
        const address = pattern.replace("VERSION", String(data.version));
        await open(address);
        await before?.(page);
        if (isQuiet === undefined)
          await page
            .getByText(/attacked/)
            .first()
            .waitFor();
        const found = (await page.evaluate(look)) as {
          readonly texts: ReadonlyArray<string>;
          readonly links: ReadonlyArray<string>;
          readonly foreign: ReadonlyArray<string>;
          readonly attacked: boolean;
        };
        expect([address, found.texts.filter((text) => unseen.test(text))]).toEqual([address, []]);
        expect([address, found.links, found.foreign, found.attacked]).toEqual([address, [], [], false]);
        expect([address, await axeViolations(page)]).toEqual([address, []]);
        expect([address, await isTooWide(page, 375)]).toEqual([address, false]);
      }
    },
  );
});

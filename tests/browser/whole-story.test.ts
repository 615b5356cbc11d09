import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { connect } from "../../src/agents/kit/mod.ts";
import { axeViolations, isTooWide, openConsole, type TestConsole } from "../support/console.ts";
import { soon } from "../support/soon.ts";
import { withBrowser } from "../support/with-browser.ts";

withBrowser("from an empty page to a roll-out that went back", () => {
  let console: TestConsole;
  /** Another person, who votes: whoever requests a deployment does not. */
  let ben: Page;

  beforeAll(async () => {
    console = await openConsole({ args: ["--fail", "web@host-1"] });
    await console.grant(["ben"], "voter");
    const client = await connect({ servers: console.url, principal: "ben" });
    await client.command("agent", "ben", "register", { capabilities: ["review"], metadata: { kind: "person" } });
    await client.close();
    ben = await console.another("ben");
    for (const page of [console.page, ben]) page.setDefaultTimeout(120_000);
  });
  afterAll(() => console?.dispose());

  const press = async (...keys: ReadonlyArray<string>) => {
    for (const key of keys) await console.page.keyboard.press(key);
  };
  const isFine = async (page = console.page) => {
    expect(await axeViolations(page)).toEqual([]);
    expect(await isTooWide(page, 375)).toBe(false);
  };
  const goneBack = () => console.page.getByText("1 of 1 run exactly what they ran before");

  test("a graph is drawn by the keyboard alone", async () => {
    const { page, open, client } = console;
    const form = page.getByRole("region", { name: "Form" });
    const outline = page.getByRole("treegrid", { name: "Outline" });
    const write = async (label: string, value: string) => {
      await form.getByLabel(label, { exact: true }).focus();
      await press("Control+a");
      await page.keyboard.type(value);
    };
    const choose = async (type: string) => {
      await page.getByRole("dialog").getByRole("button", { name: type, exact: true }).focus();
      await press("Enter");
      await form.getByRole("heading", { name: `${type}-1` }).waitFor();
    };
    await open("/graphs/shop");
    await page.getByRole("button", { name: "+ Add" }).focus();
    await press("Enter");
    await choose("host");
    await write("Address", "10.0.0.7");
    // From the outline: A adds, and what it adds runs on the selected host.
    await outline.getByRole("row", { name: /host-1/ }).focus();
    await press("a");
    await choose("service");
    await write("Name", "web");
    await write("Command", "/run/current-system/sw/bin/web");
    await write("Port", "8080");
    await page
      .getByRole("button", { name: /^Mend it:.*healthCheck/ })
      .first()
      .focus();
    await press("Enter");
    await outline.getByRole("row", { name: /web service/ }).focus();
    await press("Control+s");
    await page.getByText(/^· version \d/).waitFor();
    const { data } = await client.query("graphs", "get", { id: "shop" });
    expect(data).toMatchObject({
      nodes: [
        { id: "host-1", address: "10.0.0.7" },
        { id: "web", port: 8080, healthCheck: {} },
      ],
      edges: [{ from: "web", type: "runs-on", to: "host-1" }],
    });
  });

  test("two people draft the next version at the same moment, and a third one finds it by who is in it", async () => {
    const { page, open, another, client } = console;
    await open("/drafts");
    await page.getByRole("combobox", { name: "Graph" }).fill("shop");
    await page.getByRole("option", { name: "shop" }).click();
    await page.getByRole("button", { name: "Begin a draft" }).click();
    await page.waitForURL("**/drafts/shop-v*");
    await page.getByText("Nobody else has this draft open").waitFor();
    const path = new URL(page.url()).pathname;
    const cleo = await another("cleo");
    await ben.goto(new URL(path, ben.url()).href);
    await page.getByText("ben").first().waitFor();
    await page.getByRole("textbox", { name: "Description" }).fill("ours");
    await ben.getByRole("textbox", { name: "Description" }).getByText("ours").waitFor();
    await ben.getByRole("row", { name: /^web service/ }).click();
    await page.getByRole("row", { name: /^web.*ben is here/ }).waitFor();
    await page.getByRole("button", { name: /^web.*ben is here/ }).waitFor();
    expect(await axeViolations(page)).toEqual([]);

    await open("/drafts", cleo);
    const list = cleo.getByRole("list", { name: "Drafts that people have open now" });
    const line = list.getByRole("listitem").filter({ hasText: path.split("/").at(-1) ?? "" });
    await line.getByText("ann, ben").waitFor();
    await isFine(cleo);
    await line.getByRole("link").click();
    await cleo.getByRole("textbox", { name: "Description" }).getByText("ours").waitFor();

    await ben.getByRole("region", { name: "Form" }).getByLabel("Port", { exact: true }).fill("8081");
    await page.getByText("2 changes", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Make it the next version" }).click();
    await soon(async () => {
      const { data } = await client.query("graphs", "get", { id: "shop" });
      expect([data.description, data.nodes.find(({ id }) => id === "web")]).toMatchObject(["ours", { port: 8081 }]);
    });
  });

  test("its deployment is requested, discussed, and decided by a ballot that is signed here", async () => {
    const { page, open, client } = console;
    await open("/plan/shop");
    await page.getByRole("button", { name: "Request this deployment" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name of the deployment").fill("shop-1");
    await dialog.getByLabel("Reason").fill("the first shop");
    await dialog.getByText("How it is decided and done").click();
    // So it waits for this ballot.
    await dialog.getByLabel("Protocol of the vote").selectOption("unanimous");
    await dialog.getByLabel("Discussion, at most (seconds)").fill("2");
    await dialog.getByLabel("Vote, at most (seconds)").fill("300");
    await dialog.getByRole("button", { name: "Request the deployment" }).click();
    await page.waitForURL("**/deployments/shop-1");

    await open("/conversations/shop-1");
    await page.getByRole("textbox", { name: "What you say" }).fill("does web answer on 8081?");
    await page.getByRole("button", { name: "Say", exact: true }).click();
    await page.getByRole("article").getByText("does web answer on 8081?").waitFor();

    await open("/decisions/shop-1", ben);
    await ben.getByRole("button", { name: "Make my key here" }).click();
    await ben.getByText(/Signed in this browser/).waitFor();
    await ben.getByText("Approve", { exact: true }).click();
    await ben.getByRole("button", { name: "Sign and cast" }).click();
    await ben.getByRole("row", { name: /ben you .*approve.*signed/ }).waitFor();
    const { data } = await client.query("audit", "decision", { proposal: "shop-1" });
    expect(data.ballots.find(({ voter }) => voter === "ben")?.signedWith).toMatch(/^U/);
  });

  test("one watches how it fails and goes back, and asks why", async () => {
    const { page, open } = console;
    await open("/deployments/shop-1");
    await page.getByText(/node web, step healthy.* said by deployer-\d\. Every touched host runs/).waitFor();
    await page.getByRole("row", { name: /host-1 1 recorded .*failed not healthy.*put back/ }).waitFor();
    await goneBack().waitFor();
    await page.getByText("roll-out, attempt 1").waitFor();
    await page.getByText("way back 1, attempt 1").waitFor();
    await isFine();
    await open("/fleet/hosts/host-1");
    await page
      .getByRole("table", { name: "What led to it" })
      .getByRole("row", { name: /shop-1/ })
      .first()
      .waitFor();
  });

  test("one travels back to what was decided, and to now", async () => {
    const { page, open } = console;
    await open("/deployments/shop-1");
    await goneBack().waitFor();
    await page.getByRole("button", { name: "Go to: shop-1: rolled-back" }).click();
    await page.getByRole("note").getByText("Nothing can be changed here").waitFor();
    await page.getByRole("button", { name: /^Go to: Deploy version \d+ of shop/ }).click();
    await goneBack().waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Back to now" }).click();
    await goneBack().waitFor();
  });

  test("no page has complained", () => expect(console.complaints()).toEqual([]));
});

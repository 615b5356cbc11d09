import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { axeViolations, isTooWide, openConsole, type TestConsole } from "../support/console.ts";
import { soon } from "../support/soon.ts";
import { withBrowser } from "../support/with-browser.ts";

withBrowser("what one begins", () => {
  let console: TestConsole;

  beforeAll(async () => {
    console = await openConsole();
    await console.grant(["ann", "bert"], "voter");
  });
  afterAll(() => console.dispose());

  const isFine = async () => {
    expect(await axeViolations(console.page)).toEqual([]);
    expect(await isTooWide(console.page, 375)).toBe(false);
  };

  test("a conversation", async () => {
    const { page, open, client } = console;
    await open("/conversations");
    await page.getByRole("button", { name: "New conversation" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("What it is about").fill("Backups of the shop");
    await dialog.getByLabel("Who takes part besides you").fill("bert, cleo");
    await isFine();
    await page.reload();
    await page.getByRole("button", { name: "New conversation" }).click();
    expect(await dialog.getByLabel("What it is about").inputValue()).toBe("Backups of the shop");
    await dialog.getByRole("button", { name: "Begin it" }).click();
    await page.getByRole("heading", { name: "Backups of the shop", level: 1 }).waitFor();
    const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    await soon(async () => {
      const { data } = await client.query("dialogs", "get", { id });
      expect(data.participants).toEqual(["ann", "bert", "cleo"]);
    });
  });

  test("a vote", async () => {
    const { page, open } = console;
    await open("/decisions");
    await page.getByRole("button", { name: "New proposal" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("What is decided").fill("We restart on Sunday");
    await dialog.getByLabel("Who votes").fill("ann bert");
    await dialog.getByLabel("Minutes to vote").fill("no");
    await dialog.getByText("a whole number from 1").waitFor();
    await isFine();
    await dialog.getByLabel("Minutes to vote").fill("10");
    await dialog.getByRole("button", { name: "Put it to the vote" }).click();
    await page.getByRole("heading", { name: "We restart on Sunday", level: 1 }).waitFor();
    await page.getByRole("row", { name: /bert.*not yet/ }).waitFor();
  });

  test("a fact, which somebody else disputes", async () => {
    const { page, open, another, client } = console;
    await open("/knowledge");
    await page.getByRole("button", { name: "New fact" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Space").fill("team");
    await dialog.getByLabel("Subject").fill("search");
    await dialog.getByLabel("Says").fill("owned-by");
    await dialog.getByLabel("Of", { exact: true }).fill("team-catalog");
    await isFine();
    await dialog.getByRole("button", { name: "Say it" }).click();
    await page.getByRole("row", { name: /search owned-by team-catalog/ }).waitFor();

    const bert = await another("bert");
    await open("/knowledge/team", bert);
    await bert
      .getByRole("row", { name: /search owned-by team-catalog/ })
      .getByRole("link")
      .click();
    await bert.getByLabel("Evidence").fill("the pager calls team-platform");
    await bert.getByRole("button", { name: "It speaks against it" }).click();
    await bert.getByText("0 for it, 1 against it").waitFor();
    expect(await axeViolations(bert)).toEqual([]);

    await bert.getByRole("link", { name: "All of team" }).click();
    await bert.getByRole("button", { name: "Rules" }).click();
    const rules = bert.getByRole("dialog");
    await rules.getByLabel("What can have one answer only").fill("owned-by sometimes");
    await rules.getByText(/each line is a word and one of/).waitFor();
    await rules.getByLabel("What can have one answer only").fill("owned-by vote");
    expect(await axeViolations(bert)).toEqual([]);
    await rules.getByRole("button", { name: "Set these rules" }).click();
    await rules.waitFor({ state: "detached" });
    const other = { subject: "search", predicate: "owned-by", object: "team-platform" };
    await client.command("knowledge", "team", "assert-fact", other);
    // Until the vote is over, the one that is trusted most is shown.
    await bert
      .getByRole("row", { name: /search owned-by/ })
      .getByRole("link")
      .first()
      .click();
    await bert.getByRole("button", { name: "Put this fact to the vote" }).click();
    await bert.getByRole("link", { name: "It is voted on" }).waitFor();
  });

  test("no page has complained", () => expect(console.complaints()).toEqual([]));
});

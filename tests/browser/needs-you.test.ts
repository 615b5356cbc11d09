import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { axeViolations, isTooWide, openConsole, type TestConsole } from "../support/console.ts";
import { soon } from "../support/soon.ts";
import { withBrowser } from "../support/with-browser.ts";
import { storyArguments, tellStory } from "./pictures/story.ts";

withBrowser("what needs one", () => {
  let console: TestConsole;

  beforeAll(async () => {
    console = await openConsole({ args: storyArguments });
    await tellStory(console);
  });
  afterAll(() => console.dispose());

  /** The line of the list that has a text. */
  const need = (text: string | RegExp) => console.page.getByRole("listitem").filter({ hasText: text });
  const isGone = (text: string | RegExp) => need(text).waitFor({ state: "detached" });

  test("a vote, a question, a failure, a drift and a task that nobody can take; the tab says how many", async () => {
    const { page, open } = console;
    await open("/");
    for (const text of ["Move search next to the bus", "May leaf-2 restart", "shop-2", "it runs", "move-dns"])
      await need(text).first().waitFor();
    await page.getByText("5 things wait for you, what ends first above").waitFor();
    await soon(async () => expect(await page.title()).toBe("(5) Needs you · CIM Leaf"));
    expect(await axeViolations(page)).toEqual([]);
    expect(await isTooWide(page, 375)).toBe(false);
  });

  test("each is answered in place", async () => {
    const { page, client } = console;
    await need("May leaf-2 restart").getByLabel("Your answer").fill("At seven.");
    await need("May leaf-2 restart").getByRole("button", { name: "Say" }).click();
    await isGone("May leaf-2 restart");
    await soon(async () => {
      const { data: dialog } = await client.query("dialogs", "get", { id: "sunday" });
      expect(dialog.turns.at(-1)).toMatchObject({ speaker: "ann", text: "At seven.", answers: 1 });
    });

    await need("Move search").getByRole("button", { name: "Approve" }).click();
    await isGone("Move search");
    await need("move-dns").getByRole("button", { name: "Cancel the task" }).click();
    await isGone("move-dns");
    await need("shop-2").getByRole("button", { name: "I have seen what became of shop-2" }).click();
    await isGone("shop-2");
    await page.getByText("1 thing waits for you, what ends first above").waitFor();

    await need("leaf-2")
      .getByRole("button", { name: /^Request version \d+ again$/ })
      .click();
    await page.waitForURL("**/deployments/five-services-*");
    await page.getByText("leaf-2").first().waitFor();
  });

  test("no page has complained", () => expect(console.complaints()).toEqual([]));
});

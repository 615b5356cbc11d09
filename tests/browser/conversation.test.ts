import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { axeViolations, openConsole, type TestConsole } from "../support/console.ts";
import { soon } from "../support/soon.ts";
import { withBrowser } from "../support/with-browser.ts";

withBrowser("a conversation", () => {
  let console: TestConsole;

  beforeAll(async () => {
    console = await openConsole();
    const { client } = console;
    const participants = ["ann", "bert", "cleo"];
    await client.command("dialog", "talk", "open", {
      type: "group",
      topic: "Who moves\u202e <i>it</i>?",
      participants,
    });
    await client.command("dialog", "talk", "set-context", { values: { window: "sunday" } });
    await client.command("dialog", "talk", "say", { text: "Who can do it?" });
  });
  afterAll(() => console.dispose());

  test("shows what was said, to whom and why, and the context with who set it", async () => {
    const { page, open } = console;
    await open("/conversations/talk");
    await page.getByRole("heading", { name: "Who moves\\u202e <i>it</i>?", level: 1 }).waitFor();
    const turn = page.getByRole("article", { name: "turn 1" });
    await turn.getByText("Who can do it?").waitFor();
    await turn.getByText(/to bert, cleo \(it goes to everyone/).waitFor();
    await page.getByText("set by ann").waitFor();
  });

  test("one answers a turn of another, and hands the word over", async () => {
    const { page, open, another } = console;
    const berts = await another("bert");
    await open("/conversations/talk", berts);
    await berts.getByRole("button", { name: "answer turn 1" }).click();
    await berts.getByRole("textbox", { name: "What you say" }).fill("I can\non sunday");
    await berts.getByRole("button", { name: "Say", exact: true }).click();
    const answer = page.getByRole("article", { name: "turn 2" });
    await answer.getByText("answers #1").waitFor();
    await page.getByRole("combobox", { name: "Hand over to" }).selectOption("bert");
    await page.getByRole("button", { name: "Offer the word" }).click();
    await berts.getByRole("button", { name: "Take the word" }).click();
    await page.getByText("◌ has the word").waitFor();
  });

  test("one leaves it, and takes part again", async () => {
    const { page } = console;
    await page.getByRole("button", { name: "Leave" }).click();
    await page.getByRole("button", { name: "Take part" }).click();
    await page.getByRole("button", { name: "Leave" }).waitFor();
  });

  test("is a sequence diagram too, in words for those who do not see it", async () => {
    const { page } = console;
    await page.getByRole("tab", { name: "Sequence" }).click();
    await page.getByText("ann to bert, cleo: #1 Who can do it?", { exact: true }).waitFor();
  });

  test("of a thousand turns only those in sight are drawn, and the newest is in sight", async () => {
    const { page, client, open } = console;
    await client.command("dialog", "long", "open", { type: "group", topic: "Long", participants: ["ann", "bert"] });
    for (let index = 1; index <= 300; index += 1)
      await client.command("dialog", "long", "say", { text: `word ${index}` });
    await open("/conversations/long");
    await page.getByText("word 300", { exact: true }).waitFor();
    await soon(async () => expect(await page.getByRole("listitem").count()).toBeLessThan(80));
    await page.getByRole("region", { name: "What was said" }).press("Home");
    await page.getByText("word 1", { exact: true }).waitFor();
  });

  test("its opener pauses it: nobody speaks until it goes on, and what one was typing stays", async () => {
    const { page, open } = console;
    await open("/conversations/talk");
    const words = page.getByRole("textbox", { name: "What you say" });
    const say = page.getByRole("button", { name: "Say", exact: true });
    await words.fill("on sunday it is");
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText("Nobody speaks until it is resumed.").waitFor();
    await page.getByText("this can be said once it is resumed. What you have typed stays here.").waitFor();
    expect([await words.inputValue(), await say.isDisabled()]).toEqual(["on sunday it is", true]);
    expect(await axeViolations(page)).toEqual([]);
    // Elsewhere meanwhile, and the text is neither there nor lost.
    await open("/conversations/long");
    expect(await words.inputValue()).toBe("");
    await open("/");
    await page.getByRole("link", { name: "talk", exact: true }).click();
    await page.getByRole("button", { name: "Resume" }).click();
    await say.click();
    await page.getByRole("article").getByText("on sunday it is").waitFor();
    expect(await words.inputValue()).toBe("");
  });

  test("no page has complained", () => expect(console.complaints()).toEqual([]));
});

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { axeViolations, openConsole, type TestConsole } from "../support/console.ts";
import { soon } from "../support/soon.ts";
import { withBrowser } from "../support/with-browser.ts";

withBrowser("a decision", () => {
  let console: TestConsole;

  beforeAll(async () => {
    console = await openConsole();
    const { grant, client } = console;
    await grant(["ann", "bert"], "voter");
    await client.command("proposal", "move", "submit", {
      kind: "change",
      title: "Move the database\u202e <b>now</b>",
      subject: { window: "sunday" },
      electorate: [{ id: "ann", weight: 2 }, "bert"],
      votingSeconds: 600,
      vetoHolders: ["bert"],
    });
  });
  afterAll(() => console.dispose());

  test("what others have voted is shown once one has voted oneself, or asks for it", async () => {
    const { page, open, another } = console;
    const berts = await another("bert");
    await open("/decisions/move", berts);
    await berts.getByText("Reject", { exact: true }).click();
    await berts.getByLabel("Reason").fill("not on a sunday");
    await berts.getByRole("button", { name: "Cast without a signature" }).click();
    await berts.getByRole("row", { name: /bert you reject.*not on a sunday/ }).waitFor();
    // What one has typed for a veto outlives a reload.
    await berts.getByLabel("Why it must not happen").fill("no backup yet");
    await berts.reload();
    await soon(async () => expect(await berts.getByLabel("Why it must not happen").inputValue()).toBe("no backup yet"));

    await open("/decisions/move");
    await page.getByRole("row", { name: /bert.*has voted/ }).waitFor();
    expect(await page.getByText("not on a sunday").count()).toBe(0);
    expect(await page.getByText("What would my vote do now?").count()).toBe(0);
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole("button", { name: "show them anyway" }).click();
    await page.getByText("not on a sunday").waitFor();
    await page.getByText("2 : 1, approved at once").waitFor();
    await page.getByText("0 : 3, rejected at once").waitFor();
  });

  test("text of others is text", async () => {
    const { page } = console;
    await page.getByRole("heading", { name: "Move the database\\u202e <b>now</b>", level: 1 }).waitFor();
  });

  test("a ballot is signed in the browser, and the log has the signature", async () => {
    const { page, client } = console;
    await page.getByRole("button", { name: "Make my key here" }).click();
    await page.getByText(/Signed in this browser/).waitFor();
    await page.getByText("Approve", { exact: true }).click();
    await page.getByRole("button", { name: "Sign and cast" }).click();
    await page.getByRole("row", { name: /ann you .*approve.*signed/ }).waitFor();
    await page.getByText("the same when computed here").waitFor();
    await soon(async () => {
      const { data: decision } = await client.query("audit", "decision", { proposal: "move" });
      const { data: ann } = await client.query("principals", "get", { id: "ann" });
      expect(decision.ballots.find(({ voter }) => voter === "ann")?.signedWith).toBe(ann.publicKey ?? "none");
    });
    const { data: verified } = await client.query("audit", "verify", { aggregate: "proposal", id: "move" });
    expect(verified.findings).toEqual([]);
    expect(await axeViolations(page)).toEqual([]);
  });

  test("an approval can depend on changes of the graph, which are designed in place and shown as a diff", async () => {
    const { page, client, open, importExample } = console;
    await importExample();
    const { data: graph } = await client.query("graphs", "get", { id: "five-services" });
    await client.command("proposal", "revision", "submit", {
      kind: "change",
      title: "This revision",
      subject: { graph: "five-services", graphVersion: graph.version },
      electorate: ["ann", "bert"],
      votingSeconds: 600,
    });
    await open("/decisions/revision");
    await page.getByText("Approve", { exact: true }).click();
    await page.getByRole("button", { name: "Change the graph …" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("row", { name: /^leaf-1/ }).click();
    await dialog.getByRole("textbox", { name: "Address" }).fill("10.0.0.99");
    await dialog.getByRole("button", { name: "Take these changes as a condition" }).click();
    await page.getByRole("button", { name: "As a diff" }).click();
    await page
      .getByRole("textbox", { name: "What the condition changes in the graph" })
      .getByText("10.0.0.99")
      .waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });

  test("as it was, a decision can be read and not voted on", async () => {
    const { page, client, open } = console;
    const { data: decision } = await client.query("audit", "decision", { proposal: "move" });
    await open(`/decisions/move?at=${decision.submitted.position}`);
    await page.getByRole("row", { name: /ann you .*not yet/ }).waitFor();
    expect(await page.getByText("Your ballot").count()).toBe(0);
  });

  test("no page has complained", () => expect(console.complaints()).toEqual([]));
});

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { axeViolations, isTooWide, openConsole, type TestConsole } from "../support/console.ts";
import { soon } from "../support/soon.ts";
import { withBrowser } from "../support/with-browser.ts";

withBrowser("rules and their exceptions", () => {
  let console: TestConsole;

  beforeAll(async () => {
    console = await openConsole();
    await console.grant(["ann"], "admin", "voter");
    await console.importExample();
  });
  afterAll(() => console.dispose());

  const isFine = async (page = console.page) => {
    expect(await axeViolations(page)).toEqual([]);
    expect(await isTooWide(page, 375)).toBe(false);
  };

  test("an admin admits a person, gives and takes roles, suspends and reinstates", async () => {
    const { page, open, client } = console;
    await open("/rules?tab=principals");
    await page.getByRole("button", { name: "Admit somebody" }).click();
    const admit = page.getByRole("dialog");
    await admit.getByLabel("Name").fill("bert");
    await admit.getByLabel("voter").check();
    await isFine();
    await admit.getByRole("button", { name: "Admit", exact: true }).click();
    // By its element: while a dialog is open, roles of what is behind it are hidden.
    const bert = page.locator("li", { hasText: "bert" });
    await bert.getByText("viewer, participant, voter").waitFor();
    await isFine();

    await bert.getByRole("button").click();
    const change = page.getByRole("dialog");
    await isFine();
    await change.getByLabel("designer").check();
    await change.getByRole("button", { name: "Change the roles" }).click();
    await bert.getByText("viewer, participant, voter, designer").waitFor();
    await change.getByLabel("Why").fill("on holiday");
    await change.getByRole("button", { name: "Suspend at once" }).click();
    await change.getByRole("button", { name: "Reinstate" }).click();
    await change.getByRole("button", { name: "Suspend at once" }).waitFor();
    await soon(async () => {
      const { data } = await client.query("principals", "get", { id: "bert" });
      expect(data).toMatchObject({ kind: "person", roles: ["viewer", "participant", "voter", "designer"] });
    });
  });

  test("another policy is put to the vote", async () => {
    const { page, open, client } = console;
    await open("/rules");
    await page.getByRole("button", { name: "Propose another policy for repair" }).click();
    const propose = page.getByRole("dialog");
    await propose.getByLabel("Its other fields, as JSON").fill("{");
    await propose.getByText("this is not JSON yet").waitFor();
    await isFine();
    await propose.getByLabel("Its other fields, as JSON").fill('{ "ballotsMayChange": true }');
    await propose.getByLabel("Vote (seconds)").fill("120");
    await propose.getByRole("button", { name: "Put it to the vote" }).click();
    await page
      .getByRole("link", { name: /repair/ })
      .first()
      .waitFor();
    await soon(async () => {
      const { data } = await client.query("proposals", "list", { filter: { kind: "policy" } });
      expect(data.items).toHaveLength(1);
    });
    await isFine();
  });

  test("a freeze is said on every page, the glass is broken past it, and somebody else closes the review", async () => {
    const { page, open, client, another } = console;
    await open("/rules?tab=freezes");
    await page.getByLabel("Why", { exact: true }).fill("the power is worked on");
    await page.getByRole("button", { name: "Freeze", exact: true }).click();
    const banners = page.getByRole("region", { name: "What does not go by the usual rules" });
    await banners.getByText("the power is worked on").waitFor();
    await isFine();

    const timing = { discussionSeconds: 5, votingSeconds: 20, monitorSeconds: 1 };
    await client.command("deployment", "urgent", "request", {
      graph: "five-services",
      target: "simulated",
      ...timing,
    });
    await open("/deployments/urgent");
    await banners.getByText("Nothing begins to activate there").waitFor();
    await page.getByText(/Approved, and waits/).waitFor();
    await page.getByRole("button", { name: "Break the glass" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Why it cannot wait").fill("customers cannot pay");
    await isFine();
    await dialog.getByRole("button", { name: "Make my key here" }).click();
    await dialog.getByRole("button", { name: "Sign and break the glass" }).click();
    await banners.getByText("Glass broken").waitFor();
    await page.getByRole("region", { name: "Broken glass" }).getByText("customers cannot pay").waitFor();
    await isFine();

    const bert = await another("bert");
    await bert.getByText("customers cannot pay").first().waitFor();
    await open("/deployments/urgent", bert);
    const panel = bert.getByRole("region", { name: "Broken glass" });
    await panel.getByLabel("What came of the review of urgent").fill("it was right, and we know why it happened");
    await panel.getByRole("button", { name: "Close the review" }).click();
    await panel.getByText("Reviewed by").waitFor();
    await bert.getByText("Glass broken").waitFor({ state: "detached" });
    await isFine(bert);
    // What bert may not do is not offered, and the page says whom it is for.
    await open("/rules?tab=freezes", bert);
    const roles = "viewer, participant, voter, designer";
    await bert.getByText(`Freezing is for the role operator, or the role admin; you have ${roles}.`).waitFor();

    await open("/rules?tab=freezes");
    await page.getByLabel("Why everything is unfrozen").fill("done");
    await page.getByRole("button", { name: "Unfreeze" }).click();
    await page.getByText("lifted by ann").waitFor();
    await banners.waitFor({ state: "detached" });
  });

  test("no page has complained", () => expect(console.complaints()).toEqual([]));
});

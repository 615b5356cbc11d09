import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { axeViolations, openConsole, type TestConsole } from "../support/console.ts";
import { withBrowser } from "../support/with-browser.ts";

withBrowser("plan and differences", () => {
  let console: TestConsole;

  beforeAll(async () => {
    console = await openConsole();
    await console.importExample();
  });
  afterAll(() => console.dispose());

  test("a plan says what starts where, before anything is asked for; the flake can be read", async () => {
    const { page, open } = console;
    await open("/plan/five-services");
    await page.getByRole("region", { name: "Wave 1" }).waitFor();
    await page.getByText("starts").first().waitFor();
    await page.getByRole("tab", { name: "Flake" }).click();
    await page.getByRole("button", { name: "flake.nix", exact: true }).click();
    await page.getByRole("textbox", { name: "flake.nix" }).waitFor();
  });

  test("two versions are compared in words and as JSON", async () => {
    const { page, open, client } = console;
    const { data } = await client.query("graphs", "get", { id: "five-services" });
    const added = {
      id: "compared",
      type: "host",
      system: "x86_64-linux",
      address: "10.9.9.9",
      rootDevice: "/dev/vda1",
    } as const;
    await client.command("graph", "five-services", "add-node", { node: added });
    await open(`/diff?left=graphs/five-services@${data?.version}&right=graphs/five-services`);
    await page.getByText("compared").first().waitFor();
    await page.getByRole("tab", { name: "JSON" }).click();
    await page.getByRole("textbox", { name: "What differs, as JSON" }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
  });

  test("no page has complained", () => expect(console.complaints()).toEqual([]));
});

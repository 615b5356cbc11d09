import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { axeViolations, openConsole, type TestConsole } from "../support/console.ts";
import { withBrowser } from "../support/with-browser.ts";

withBrowser("a deployment", () => {
  let console: TestConsole;

  beforeAll(async () => {
    console = await openConsole();
    console.page.setDefaultTimeout(120_000);
  });
  afterAll(() => console.dispose());

  test("shows what the programs of a host's step print, from its deployer only", async () => {
    const { page, open, client } = console;
    const host = {
      id: "leaf-9",
      type: "host",
      system: "x86_64-linux",
      address: "10.0.0.19",
      rootDevice: "/dev/vda1",
    } as const;
    await client.command("graph", "one", "import", { id: "one", nodes: [host], edges: [] });
    const request = { graph: "one", target: "simulated", monitorSeconds: 60 } as const;
    await client.command("deployment", "one-1", "request", request);
    await open("/deployments/one-1");
    await page.getByRole("heading", { name: "Output of leaf-9" }).waitFor();
    await page.getByRole("row", { name: /leaf-9 1 .*confirmed/ }).waitFor();
    const say = (agent: string, line: string) => {
      const output = JSON.stringify({ host: "leaf-9", step: "built", lines: [line] });
      client.nats.publish(client.names.subjects.output(agent, "one-1"), output);
    };
    // Nothing keeps output, so what is sent before the page listens is missed; and the task changes hands.
    const shown = page.getByText(/built: building \\u001b\[31m system/);
    while ((await shown.count()) === 0) {
      const { data } = await client.query("deployments", "get", { id: "one-1" });
      say("mallory", "forged");
      if (data.agent !== undefined) say(data.agent, "building \u001b[31m system");
      await page.waitForTimeout(300);
    }
    expect(await page.getByText("forged").count()).toBe(0);
    expect(await axeViolations(page)).toEqual([]);
  });

  test("is rolled back from the page", async () => {
    const { page } = console;
    await page.getByRole("button", { name: "Roll back" }).click();
    await page.getByLabel("Why").fill("not today");
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole("button", { name: "Put the hosts back now" }).click();
    await page.getByRole("row", { name: /leaf-9 1 .*put back/ }).waitFor();
    await page.getByText("1 of 1 run exactly what they ran before").waitFor();
    await page.getByRole("button", { name: "Roll back" }).waitFor({ state: "detached" });
  });

  test("as it was, it can be read and not touched", async () => {
    const { page, open, client } = console;
    const { data } = await client.query("audit", "trail", { aggregate: "deployment", id: "one-1" });
    const deploying = data.items.find(({ type }) => type === "monitoring-started");
    await open(`/deployments/one-1?at=${deploying?.position}`);
    await page.getByText("◌ monitoring").first().waitFor();
    await page.getByRole("button", { name: "Cancel" }).waitFor({ state: "detached" });
  });

  test("no page has complained", () => expect(console.complaints()).toEqual([]));
});

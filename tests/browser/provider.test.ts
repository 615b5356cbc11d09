import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { axeViolations, openConsole, type TestConsole } from "../support/console.ts";
import { freePort } from "../support/nats.ts";
import { client, type TestProvider, testProvider } from "../support/provider.ts";
import { withBrowser } from "../support/with-browser.ts";

withBrowser("an OpenID provider", () => {
  let folder = "";
  let provider: TestProvider;
  let console_: TestConsole;

  beforeAll(async () => {
    // The provider says at length that it is set up for tests.
    for (const level of ["info", "warn"] as const) jest.spyOn(console, level).mockImplementation(() => undefined);
    folder = await mkdtemp(join(tmpdir(), "cim-provider-"));
    const [people, secret] = [join(folder, "people.json"), join(folder, "secret")];
    await writeFile(people, JSON.stringify({ "eva@example.org": "eva" }));
    await writeFile(secret, client.secret, { mode: 0o600 });
    const port = await freePort();
    provider = await testProvider([`http://127.0.0.1:${port}/log-in/callback`]);
    const names = ["--oidc-issuer", provider.issuer, "--oidc-client-id", client.id, "--oidc-claim", "email"];
    const files = ["--oidc-secret-file", secret, "--oidc-people", people];
    console_ = await openConsole({ port, args: [...names, ...files] });
  });
  afterAll(async () => {
    await console_?.dispose();
    await provider?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A browser that nobody has logged in yet goes through the provider's forms as somebody. */
  const throughProvider = async (person: string) => {
    const context = await console_.page.context().browser()?.newContext({ reducedMotion: "reduce" });
    if (context === undefined) throw new Error("the browser has ended");
    const page = await context.newPage();
    await page.goto(console_.origin);
    const button = page.getByRole("link", { name: `Log in with ${new URL(provider.issuer).host}` });
    await button.waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await button.click();
    await page.locator("input[name=login]").fill(person);
    await page.locator("input[name=password]").fill("any");
    await page.getByRole("button", { name: "Sign-in" }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    return page;
  };

  test("logs in by a button as the person whom the operator's file names, and out again", async () => {
    const page = await throughProvider("eva@example.org");
    await page.getByRole("navigation", { name: "Sections" }).waitFor();
    await page.getByRole("button", { name: /eva/ }).click();
    await page.getByRole("menuitem", { name: "Log out" }).click();
    await page.getByRole("link", { name: /^Log in with/ }).waitFor();
  });

  test("says to somebody whom the file does not name that nobody here is called so", async () => {
    const page = await throughProvider("mallory@example.org");
    await page.getByText("nobody here is mallory@example.org").waitFor();
    await page.goto(console_.origin);
    await page.getByRole("link", { name: /^Log in with/ }).waitFor();
  });
});

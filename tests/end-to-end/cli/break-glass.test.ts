import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type BackendProcess, startBackend } from "../../support/backend-process.ts";
import { type Ended, root, cim as run } from "./cim.ts";

const example = join(root, "examples/five-services.json");
const timing = ["--discussion-seconds", "2", "--voting-seconds", "10", "--monitor-seconds", "1"];
let folder = "";
let backend: BackendProcess;

const cim = (...args: ReadonlyArray<string>): Promise<Ended> => run([...args, "--nats", backend.url]);
const done = async (...args: ReadonlyArray<string>): Promise<Ended> => {
  const ended = await cim(...args);
  expect({ args, ...ended }).toMatchObject({ code: 0 });
  return ended;
};
/** Waits until a deployment is in a status. */
const until = async (id: string, status: string): Promise<void> => {
  while (!(await cim("deployments", "get", id, "--json")).stdout.includes(`"status":"${status}"`))
    await new Promise((wake) => setTimeout(wake, 300));
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-glass-"));
  backend = await startBackend("--port", "0", "--store", join(folder, "store"));
});
afterAll(async () => {
  await backend.stop();
  await rm(folder, { recursive: true });
});

test("a broken glass is told wherever one looks, until somebody else has closed its review", async () => {
  const key = join(folder, "admin.key");
  const publicKey = (await done("key", "new", key)).stdout.trim();
  await done("agents", "admit", "ann", "viewer", "voter", "--kind", "person", "--as", "admin");
  await done("freeze", "--reason", "an incident", "--as", "olga");
  const id = (await done("deploy", example, "--no-wait", ...timing, "--as", "olga")).stdout.trim();
  await until(id, "waiting");

  const breaking = ["break-glass", id, "--reason", "production is down", "--as", "admin"];
  expect((await cim(...breaking, "--sign-with", key)).stderr).toContain("`cim keys rotate admin PUBLIC-KEY`");
  await done("keys", "rotate", "admin", publicKey, "--as", "admin");
  expect((await cim(...breaking)).stderr).toContain("a break-glass is signed");
  const broken = await done(...breaking, "--sign-with", key);
  expect(broken.stderr).toContain("GLASS BROKEN by admin: production is down");
  expect(broken.stderr).toContain("past the freeze of everything");
  await until(id, "succeeded");

  const line = `GLASS BROKEN by admin for deployment ${id}`;
  expect((await done("deployments", "list")).stderr).toContain(line);
  expect((await done("audit", "health")).stdout).toContain(line);
  expect((await done("review", "list")).stdout).toContain(line);
  const why = await done("why", "leaf-1");
  expect(why.stdout).toContain("GLASS BROKEN");
  expect(why.stdout).toContain("somebody else than admin closes it");

  const asked = ["--graph", "five-services", "--break-glass", "again", ...timing, "--as", "ada"];
  expect((await cim("deploy", ...asked)).stderr).toContain("--sign-with FILE");
  const adasKey = join(folder, "ada.key");
  const adasPublicKey = (await done("key", "new", adasKey)).stdout.trim();
  const roles = ["viewer", "participant", "operator", "admin", "--kind", "person", "--public-key", adasPublicKey];
  await done("agents", "admit", "ada", ...roles, "--as", "admin");
  expect((await cim("deploy", ...asked, "--sign-with", adasKey)).stderr).toContain(`cim review close ${id}`);
  const closing = ["review", "close", id, "--conclusion", "the alarm was right"];
  expect((await cim(...closing, "--as", "admin")).stderr).toContain("one pair of eyes with `admin`");
  await done(...closing, "--as", "ann");
  expect((await done("review", "list")).stdout).toContain("no review is open");
  expect((await done("why", "leaf-1")).stdout).toMatch(/reviewed \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ by ann/);

  const past = await done("deploy", ...asked, "--sign-with", adasKey);
  expect(past.stdout).toContain("GLASS BROKEN by ada: again");
  expect(past.stdout).toContain("succeeded");
  expect((await done("audit", "verify")).stdout).toContain("unaltered");
});

test("an admin lifts their own freeze at once, and nobody else's", async () => {
  expect((await cim("unfreeze", "--reason", "it is over", "--as", "admin")).stderr).toContain("cim vote unfreeze=");
  await done("freeze", "--host", "leaf-1", "--reason", "a bad disk", "--as", "admin");
  expect((await done("unfreeze", "--host", "leaf-1", "--reason", "a new one", "--as", "admin")).stdout).toContain(
    "unfrozen",
  );
});

import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { contextGroup } from "../../../../src/interfaces/cli/context/mod.ts";
import { exitCode } from "../../../../src/interfaces/cli/errors.ts";
import type { CommandGroup } from "../../../../src/interfaces/cli/invocation.ts";
import { runIn } from "./harness.ts";

/** `cim tasks`, and `cim up` with a server of its own: they print their settings, and the files of access. */
const probe: CommandGroup = (program, runner) => {
  for (const name of ["tasks", "up"])
    program.command(name).action((_options, command) =>
      runner.run(command, async ({ settings: { nats, prefix, principal, secure }, host: { env }, output }) => {
        output.document({ nats, prefix, principal, secure, credentials: env.CIM_CREDENTIALS, ca: env.CIM_CA });
        return exitCode.done;
      }),
    );
};

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-context-"));
});
afterEach(() => rm(folder, { recursive: true }));

const cim = (line: string, env: Readonly<Record<string, string>> = {}) =>
  runIn([contextGroup, probe], line.split(" "), { env: { XDG_CONFIG_HOME: folder, CIM_PRINCIPAL: "me", ...env } });
const settings = async (line: string, env: Readonly<Record<string, string>> = {}) =>
  JSON.parse((await cim(line, env)).stdout);

const natsContext = async (name: string, context: object) => {
  await mkdir(join(folder, "nats/context"), { recursive: true });
  await writeFile(join(folder, "nats/context", `${name}.json`), JSON.stringify(context));
};

test("a context says what the line and the environment leave out", async () => {
  expect(await cim("context add prod --nats nats://hub:4222 --prefix leaf --as ann")).toMatchObject({ code: 0 });
  expect(await settings("tasks --context prod", { CIM_PRINCIPAL: "" })).toMatchObject({
    nats: "nats://hub:4222",
    prefix: "leaf",
    principal: "ann",
  });
  expect(await settings("tasks --prefix mine", { CIM_CONTEXT: "prod", CIM_NATS: "nats://other:1" })).toMatchObject({
    nats: "nats://other:1",
    prefix: "mine",
    principal: "me",
  });
});

test("the keys of a named one are not shown to another server", async () => {
  const file = join(folder, "prod.creds");
  await mkdir(join(folder, "cim/context"), { recursive: true });
  await writeFile(
    join(folder, "cim/context/prod.json"),
    JSON.stringify({ servers: "nats://hub:4222", credentials: file }),
  );
  for (const [line, env] of [
    ["tasks --context prod --nats nats://other:1", {}],
    ["tasks --context prod", { CIM_NATS: "nats://other:1" }],
    ["tasks --nats nats://other:1", { CIM_CONTEXT: "prod" }],
  ] as const) {
    const { code, stderr } = await cim(line, env);
    expect({ line, code }).toEqual({ line, code: 2 });
    expect(stderr).toContain("the keys of the context `prod` are for nats://hub:4222");
    expect(stderr).toContain("nats://other:1");
  }
  expect(await settings("tasks --context prod --nats nats://hub:4222")).toMatchObject({
    credentials: file,
  });
  const own = await settings("tasks --context prod --nats nats://other:1", { CIM_CREDENTIALS: "mine.creds" });
  expect(own).toMatchObject({ nats: "nats://other:1", credentials: "mine.creds" });
});

test("the selected one is for lines that say nothing of where or with which keys", async () => {
  await cim("context add prod --nats nats://hub:4222 --prefix leaf --use");
  expect(await settings("tasks")).toMatchObject({ nats: "nats://hub:4222", prefix: "leaf" });
  expect(await settings("tasks --nats nats://other:1")).toMatchObject({ nats: "nats://other:1", prefix: "cim" });
  expect(await settings("tasks", { CIM_CREDENTIALS: "x.creds" })).toMatchObject({ prefix: "cim" });
  // It starts a server of its own.
  expect(await settings("up")).toMatchObject({ prefix: "cim" });
  await cim("context use --none");
  expect(await settings("tasks")).toMatchObject({ prefix: "cim" });
});

test("the contexts of the nats command line are read too, with their log-ins", async () => {
  await natsContext("work", { url: "nats://a:1,b:2", user: "u", password: "p@w", creds: "", nkey: "" });
  await natsContext("closed", { url: "tls://c:3", creds: "/keys/ann.creds", ca: "/keys/ca.pem", token: null });
  await natsContext("other", { url: "nats://d:4", cert: "/x.pem" });
  expect(await settings("tasks --context work")).toMatchObject({ nats: "nats://u:p%40w@a:1,nats://u:p%40w@b:2" });
  expect(await settings("tasks --context closed")).toMatchObject({
    nats: "tls://c:3",
    credentials: "/keys/ann.creds",
    ca: "/keys/ca.pem",
  });
  expect((await cim("tasks --context other")).stderr).toContain("`cert`, which cim does not use");
  const { stdout } = await cim("context list");
  expect(stdout).toContain("nats://u:***@a:1");
  expect(stdout).not.toContain("p%40w");
  expect(await cim("context remove work")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("nats context rm"),
  });
});

test("only the owner can read one, and none is replaced by mistake", async () => {
  await cim("context add prod --nats nats://u:secret@hub:4222");
  expect((await stat(join(folder, "cim/context/prod.json"))).mode & 0o777).toBe(0o600);
  expect((await cim("context add prod --nats nats://b:1")).stderr).toContain("--force");
  expect((await cim("context show prod")).stdout).not.toContain("secret");
  await cim("context add prod --nats u:secret@hub:4222 --force");
  expect((await cim("context show prod")).stdout).toContain("u:***@hub:4222");
  expect(await cim("context remove prod --json")).toMatchObject({ code: 0, stdout: '{"removed":"prod"}\n' });
});

test.each([
  ["tasks --context gone", 2, "there is no context `gone`"],
  ["context use gone", 2, "there is no context `gone`"],
  ["context add ../x --nats nats://a:1", 2, "cannot be the name"],
  ["context add x", 0, "x is a context"],
  ["context add x --credentials /does/not/exist", 1, "cannot be read"],
  ["context use", 2, "name a context, or say --none"],
  ["context show", 2, "no context is selected"],
])("%s ends with %d and says why", async (line, code, text) => {
  const ended = await cim(line);
  expect(ended.code).toBe(code);
  expect(`${ended.stdout}${ended.stderr}`).toContain(text);
});

test("a selected one that is gone, and a damaged one, are named with what to do", async () => {
  await cim("context add prod --nats nats://a:1 --use");
  await rm(join(folder, "cim/context/prod.json"));
  expect((await cim("tasks")).stderr).toContain("the selected context `prod` is gone");
  await writeFile(join(folder, "cim/context/prod.json"), "{");
  expect((await cim("tasks")).stderr).toContain("prod.json is not a context");
});

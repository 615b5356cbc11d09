import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type BackendProcess, startBackend } from "../../support/backend-process.ts";
import { cim as run, start } from "./cim.ts";

let folder = "";
let backend: BackendProcess;

const at = () => ["--nats", backend.url];
const cim = (...args: ReadonlyArray<string>) => run([...args, ...at()]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-dialogs-"));
  backend = await startBackend("--port", "0", "--store", join(folder, "store"), "--no-agents");
});
afterAll(async () => {
  await backend.stop();
  await rm(folder, { recursive: true });
});

test("people talk from the command line, and the transcript tells who said what to whom and why", async () => {
  const opened = [
    "--type",
    "group",
    "--topic",
    "the outage",
    "--participants",
    "bob,carol",
    "--routing",
    "round-robin",
  ];
  expect((await cim("dialogs", "open", "talk", ...opened, "--as", "ann")).code).toBe(0);
  expect((await cim("dialogs", "say", "talk", "what do you see?", "--as", "ann")).code).toBe(0);
  expect((await cim("dialogs", "say", "talk", "--as", "ann")).code).toBe(2);
  expect((await cim("dialogs", "hand-off", "talk", "--to", "bob", "--reason", "yours", "--as", "ann")).code).toBe(0);
  expect((await cim("dialogs", "accept-hand-off", "talk", "--as", "bob")).code).toBe(0);
  expect((await cim("dialogs", "set-context", "talk", "--values", '{"host": "leaf-1"}', "--as", "bob")).code).toBe(0);

  const chat = await run(["dialogs", "chat", "talk", "--as", "carol", ...at()], { stdin: "smoke\n\nand fire\n" });
  expect(chat.code).toBe(0);
  const refused = await run(["dialogs", "chat", "talk", "--as", "dave", ...at()], { stdin: "let me in\n" });
  expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining("join it first")]);

  const { stdout } = await cim("dialogs", "show", "talk");
  expect(stdout).toContain("talk: the outage (group, round-robin, open)");
  expect(stdout).toContain("the word has: bob");
  expect(stdout).toContain('context, dialog: {"host":"leaf-1"}');
  expect(stdout).toContain("#1 ann → bob (round-robin, was not asked before): what do you see?");
  expect(stdout).toContain("ann offers bob the word: yours");
  expect(stdout).toContain("bob has the word from ann");
  expect(stdout).toContain("#2 carol → bob (speaker, has the word since a hand-off): smoke");
  expect(stdout).toContain("#3 carol → bob");
});

test("a transcript is followed until the dialog is closed", async () => {
  await cim("dialogs", "open", "short", "--type", "direct", "--topic", "t", "--participants", "bob", "--as", "ann");
  const child = start(["dialogs", "show", "short", "--follow", "--json", ...at()]);
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  const ended = once(child, "close");
  await once(child.stdout, "data");
  await cim("dialogs", "say", "short", "hello", "--as", "bob");
  await cim("dialogs", "close", "short", "--as", "ann");
  await ended;
  const [document, ...entries] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(child.exitCode).toBe(0);
  expect(document).toMatchObject({ dialog: "short", entries: [{ number: 1, event: "dialog-opened" }] });
  expect(entries).toMatchObject([
    { number: 2, event: "turn-said", data: { text: "hello", recipients: ["ann"] } },
    { number: 3, event: "dialog-closed" },
  ]);
});

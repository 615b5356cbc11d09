import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type BackendProcess, startBackend } from "../support/backend-process.ts";
import { root } from "./cli/cim.ts";

/** A block of the README: its language, and its lines. */
interface Block {
  readonly language: string;
  readonly text: string;
}

/** The README as a user meets it: the blocks in order. */
const blocks: ReadonlyArray<Block> = [
  ...(await readFile(join(root, "README.md"), "utf8")).matchAll(/^```(\w+)\n(.*?)^```/gms),
].map(([, language = "", text = ""]) => ({ language, text }));

/** The block that has this line. */
const blockWith = (language: string, line: string): string => {
  const found = blocks.find((block) => block.language === language && block.text.includes(line));
  if (found === undefined) throw new Error(`the README has no ${language} block with ${line}`);
  return found.text;
};

/** Its lines without the comments of a shell. A document that is written from a block belongs to its line. */
const linesOf = (block: string): ReadonlyArray<string> =>
  (block.match(/^.*<<'(\w+)'\n(?:.*\n)*?\1\n|^.+\n/gm) ?? []).map((line) =>
    line.replace(/\s+#\s.*\n$/, "\n").trimEnd(),
  );

let folder = "";
let backend: BackendProcess;
let deployment = "";
const children: Array<ChildProcess> = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-readme-"));
  await mkdir(join(folder, "bin"));
  for (const name of ["cim", "node"])
    await writeFile(join(folder, "bin", name), `#!/bin/sh\nexec ${join(root, "bin", name)} "$@"\n`, { mode: 0o755 });
  await mkdir(join(folder, "node_modules"));
  await symlink(root, join(folder, "node_modules/cim-leaf"));
  await writeFile(join(folder, "package.json"), '{"type": "module"}\n');
  backend = await startBackend("--port", "0", "--store", join(folder, ".cim/store"), "--no-console");
});

afterAll(async () => {
  for (const child of children) child.kill();
  await backend.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a line as the README has it, until it ends or has written what it is waited for. */
const run = (line: string, until?: RegExp): Promise<Ran> =>
  new Promise((resolve) => {
    const env = { ...process.env, CIM_NATS: backend.url, NATS_URL: backend.url };
    const child = spawn("bash", ["-c", `exec 2>&1; ${line.replaceAll(/\bID\b/g, deployment)}`], {
      cwd: folder,
      env,
      detached: true,
    });
    children.push(child);
    let output = "";
    const stop = () => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const before = until?.test(output) === true;
      output += text;
      if (!before && until?.test(output) === true) stop();
    });
    child.on("close", (code) => resolve({ code, output }));
  });

/** What a line that does not end is waited for. */
const waitedFor = (line: string): RegExp | undefined =>
  line.includes("proposals list --watch") ? new RegExp(`${deployment} .*active`) : undefined;

/** Runs the lines of a block in order. Each must end well; a line that goes on is ended when it has shown something. */
const runAll = async (block: string): Promise<ReadonlyArray<string>> => {
  const outputs: Array<string> = [];
  for (const line of linesOf(block)) {
    const until = waitedFor(line);
    const { code, output } = await run(line, until);
    if (until !== undefined) expect(output).toMatch(until);
    else if (code !== 0) throw new Error(`${line} ended with ${code}: ${output}`);
    if (line.includes("--no-wait")) deployment = /hello-\w+/.exec(output)?.[0] ?? "";
    outputs.push(output);
  }
  return outputs;
};

test("the first graph is drawn, checked, rendered, planned and deployed as the README says", async () => {
  const block = blockWith("sh", "cat > hello.json");
  const outputs = await runAll(block);
  expect(linesOf(block)).toHaveLength(outputs.length);
  expect(outputs[1]).toContain("hello.json: ok");
  expect(outputs.join("\n")).toContain("succeeded");
  const picture = await run("./bin/cim graph show hello.json");
  expect(picture.output).toBe(blockWith("mermaid", "flowchart"));
});

test("the audit lines explain what runs, and find it unaltered", async () => {
  // The state of a second ago is there once the graph is older than that.
  const outputs = await runAll(blockWith("sh", "./bin/cim why leaf-1"));
  expect(outputs[0]).toContain("put there by deployment hello-");
  expect(outputs.join("\n")).toContain("unaltered: ");
});

test("a person takes part: registers, is granted votes, speaks, and votes", async () => {
  const outputs = await runAll(blockWith("sh", "agents register ada"));
  expect(deployment).toMatch(/^hello-/);
  expect(outputs.at(-1)).not.toContain("cim: ");
});

test("the agent of the README does its task", async () => {
  // The README's server is on the usual port, this one is not.
  const written = blockWith("ts", "greeter").replace("{\n", "{\n  connection: { servers: process.env.CIM_NATS },\n");
  await writeFile(join(folder, "greeter.ts"), written);
  const [start = "", submit = ""] = linesOf(blockWith("sh", "greeter.ts &"));
  const agent = spawn("bash", ["-c", `exec ${start.replace(/ &$/, "")}`], {
    cwd: folder,
    env: { ...process.env, CIM_NATS: backend.url, NATS_URL: backend.url },
  });
  children.push(agent);
  const presence = async () => (await run("./bin/cim agents list -o name")).output.includes("greeter");
  while (!(await presence())) expect(agent.exitCode).toBeNull();
  const { code } = await run(submit);
  expect(code).toBe(0);
  const { output } = await run("./bin/cim tasks get hello-1 --watch --json", /"completed"/);
  expect(output).toContain("hello from hello-1");
  agent.kill();
});

/** A request of the `nats` command line, as any client makes it. */
const requestOf = (line: string): readonly [subject: string, payload: string] | undefined => {
  const { subject, payload } = /^nats request '?(?<subject>[^ ']+)'? '(?<payload>[^']*)'/.exec(line)?.groups ?? {};
  if (subject === undefined || payload === undefined) return undefined;
  return [subject.replace("$USER", userInfo().username), payload];
};

test("the requests of any NATS client are answered", async () => {
  const connection: NatsConnection = await connect({ servers: backend.url });
  try {
    const requests = linesOf(blockWith("sh", "nats request")).map(requestOf);
    const made = requests.filter((request) => request !== undefined);
    expect(made.length).toBeGreaterThanOrEqual(3);
    for (const [subject, payload] of made) {
      const answer = await connection.request(subject, payload, { timeout: 20_000 });
      expect(answer.json()).not.toHaveProperty("error");
    }
  } finally {
    await connection.close();
  }
});

import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { isObject, type JsonObject } from "../../../src/agents/kit/json.ts";
import { type Client, connect } from "../../../src/agents/kit/mod.ts";
import { type BackendProcess, startBackend } from "../../support/backend-process.ts";
import { cim, root } from "../cli/cim.ts";

/** The package as a stranger has it: packed, and installed below the node_modules of another project. */
const run = promisify(execFile);
const tsc = join(root, "node_modules/typescript/bin/tsc");
let project: string;
let installed: string;
let backend: BackendProcess;
let ada: Client;
const agents: Array<ChildProcess> = [];

/** Lets the project find a package that is here already: no network is needed. */
const link = async (name: string) => {
  const place = join(project, "node_modules", name);
  await mkdir(dirname(place), { recursive: true });
  await symlink(resolve(root, "node_modules", name), place);
};

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "cim-stranger-"));
  installed = join(project, "node_modules/cim-leaf");
  await mkdir(installed, { recursive: true });
  await run("npm", ["pack", "--silent", "--pack-destination", project], { cwd: root });
  const [archive = ""] = (await readdir(project)).filter((name) => name.endsWith(".tgz"));
  await run("tar", ["-xzf", join(project, archive), "-C", installed, "--strip-components=1"]);
  const { dependencies } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
  for (const name of [...Object.keys(dependencies), "@types/node"]) await link(name);
  await writeFile(join(project, "package.json"), '{"name": "stranger", "type": "module"}');
  backend = await startBackend("--port", "0", "--store", join(project, "store"));
  ada = await connect({ servers: backend.url, principal: "ada" });
});

afterAll(async () => {
  for (const agent of agents) agent.kill("SIGKILL");
  await ada.close();
  await backend.stop();
  await rm(project, { recursive: true, force: true });
});

/** Starts a program of the project with Node alone. */
const start = (program: string, node = process.execPath): ChildProcess => {
  const env = { ...process.env, CIM_NATS: backend.url };
  const child = spawn(node, [program], { cwd: project, env, stdio: ["ignore", "ignore", "inherit"] });
  agents.push(child);
  return child;
};

/** The Node of this machine, which need not be ours, where it is one that the kit promises to run on. */
const systemNode = (process.env.PATH ?? "")
  .split(delimiter)
  .filter((folder) => !folder.includes("node_modules"))
  .map((folder) => join(folder, "node"))
  .find(
    (node) =>
      Number(spawnSync(node, ["--print", "parseInt(process.versions.node)"], { encoding: "utf8" }).stdout) >= 20,
  );

const until = async (view: string, id: string, wanted: (document: JsonObject) => boolean): Promise<JsonObject> => {
  for await (const { document } of ada.watch(view, { id }, AbortSignal.timeout(150_000)))
    if (isObject(document) && wanted(document)) return document;
  throw new Error(`${view} ${id} did not become what the test waits for`);
};

/** Writes an agent, and starts it; resolves when it is online. */
const startAgent = async (id: string, source: string, node?: string): Promise<void> => {
  await writeFile(join(project, `${id}.js`), source);
  start(`${id}.js`, node);
  await until("agents", id, ({ status }) => status === "online");
};

/** The options that docs/agents.md names. */
const compilerOptions = { module: "nodenext", target: "es2024", strict: true, noEmit: true, types: ["node"] };

/** What the compiler says of a file of the project. */
const check = async (file: string): Promise<string> => {
  await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
  return run(process.execPath, [tsc, "-p", project], { cwd: project }).then(
    () => "",
    ({ stdout }) => String(stdout),
  );
};

describe("the installed package", () => {
  test("has an agent in plain JavaScript take a task that the installed command line submits", async () => {
    await startAgent(
      "doubler",
      `import { Agent } from "cim-leaf";
       await Agent.make({
         id: "doubler",
         capabilities: ["double"],
         connection: { servers: process.env.CIM_NATS },
         onTask: async ({ task }) => ({ twice: task.payload.n * 2 }),
       });`,
    );
    const task = ["--type", "double", "--required-capabilities", "double", "--payload", '{"n": 21}'];
    const submitted = await cim(["tasks", "submit", "double-1", ...task, "--nats", backend.url], {
      cwd: project,
      launcher: join(installed, "bin/cim"),
    });
    expect(submitted).toMatchObject({ code: 0, stderr: "" });
    expect(await until("tasks", "double-1", ({ status }) => status === "completed")).toMatchObject({
      agent: "doubler",
      result: { twice: 42 },
    });
  });

  (systemNode === undefined ? test.skip : test)(
    "has an agent in plain JavaScript answer a turn on the Node of this machine, from 20 on",
    async () => {
      await startAgent(
        "echo",
        `import { Agent } from "cim-leaf";
         await Agent.make({
           id: "echo",
           capabilities: ["echo"],
           connection: { servers: process.env.CIM_NATS },
           onTurn: async ({ dialog, text }, { client }) => {
             await client.command("dialog", dialog.id, "say", { text: "echo: " + text });
           },
         });`,
        systemNode,
      );
      await ada.command("dialog", "d", "open", { type: "direct", topic: "echoes", participants: ["echo"] });
      await ada.command("dialog", "d", "say", { text: "hi" });
      const { turns } = await until("dialogs", "d", ({ turnCount }) => turnCount === 2);
      expect(turns).toMatchObject([{ text: "hi" }, { text: "echo: hi", speaker: "echo" }]);
    },
  );

  test("type-checks the agent of docs/agents.md, which takes a task and says goodbye", async () => {
    await cp(join(root, "examples/agents/greeter.ts"), join(project, "greeter.ts"));
    expect(await check("greeter.ts")).toBe("");
    const greeter = start("greeter.ts");
    await until("agents", "greeter", ({ status }) => status === "online");
    await ada.command("task", "greet-1", "submit", {
      type: "greet",
      requiredCapabilities: ["greet"],
      payload: { name: "Ada" },
    });
    const { result } = await until("tasks", "greet-1", ({ status }) => status === "completed");
    expect(result).toEqual({ greeting: "Hello, Ada!" });
    greeter.kill("SIGINT");
    expect(await once(greeter, "exit")).toEqual([0, null]);
  });

  test("has types that find what is wrong", async () => {
    await writeFile(
      join(project, "wrong.ts"),
      `import { Agent } from "cim-leaf";
       await Agent.make({ id: "wrong", capabilities: [7], onTask: async ({ progress }) => progress({ percent: "half" }) });`,
    );
    const said = await check("wrong.ts");
    expect(said).toMatch(/Type 'number' is not assignable/);
    expect(said).toMatch(/Type 'string' is not assignable to type 'number'/);
  });

  test.each([
    ["an aggregate that there is not", 'client.command("dialogue", "d", "say", { text: "hi" })'],
    ["a command that there is not", 'client.command("dialog", "d", "sayy", { text: "hi" })'],
    [
      "one that is the backend's own",
      'client.command("task", "t", "assign", { agent: "a", strategy: "s", reasons: [] })',
    ],
    ["a field that there is not", 'client.command("dialog", "d", "say", { txt: "hi" })'],
    ["a value that may not be", 'client.command("task", "t", "submit", { type: "x", priority: "huge" })'],
  ])("has types of the commands' schemas, which find %s", async (_, call) => {
    const program = (statement: string) =>
      `import { connect } from "cim-leaf";
       const client = await connect({ servers: "", principal: "ada" });
       await ${statement};`;
    await writeFile(join(project, "call.ts"), program(call));
    expect(await check("call.ts")).toMatch(/error TS2\d+/);
    await writeFile(join(project, "call.ts"), program('client.command("dialog", "d", "say", { text: "hi" })'));
    expect(await check("call.ts")).toBe("");
  });
});

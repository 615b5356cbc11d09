import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { graph } from "../../../src/interfaces/cli/graph/mod.ts";
import { type BackendProcess, startBackend } from "../../support/backend-process.ts";
import { runIn } from "../../unit/interfaces/cli/harness.ts";

let folder = "";
let backend: BackendProcess;
let file = "";
let id = "";
let count = 0;

const cim = (...words: ReadonlyArray<string>) =>
  runIn([graph], ["graph", ...words, "--as", "ada", "--nats", backend.url]);

const document = (port: number) => ({
  id,
  nodes: [
    { id: "leaf-1", type: "host", system: "x86_64-linux", address: "10.0.0.1" },
    { id: "web", type: "service", command: "/bin/web", port },
  ],
  edges: [{ from: "web", type: "runs-on", to: "leaf-1" }],
});
const write = (port: number) => writeFile(file, JSON.stringify(document(port)));
const written = async () => JSON.parse(await readFile(file, "utf8"));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-pull-"));
  backend = await startBackend("--port", "0", "--store", join(folder, "store"), "--no-agents");
});

afterAll(async () => {
  await backend.stop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  count += 1;
  id = `shop-${count}`;
  file = join(folder, `${id}.json`);
  await write(80);
  expect(await cim("import", file)).toMatchObject({ code: 0 });
});

describe("cim graph pull", () => {
  test("writes what became of the graph into its file, and shows it", async () => {
    await cim("update-node", id, "--id", "web", "--changes", '{"port": 81}');
    const { code, stdout } = await cim("pull", id, file);
    expect(code).toBe(0);
    expect(stdout).toBe(
      `${file} is graph ${id} version 5; changed in it:\n  ~ node web (service)\n      ~ port: 80 → 81\n  1 node changed\n`,
    );
    expect(await written()).toEqual(document(81));
    expect((await cim("pull", id, file)).stdout).toBe(`${file} is graph ${id} version 5\n`);
    expect((await cim("validate", file)).code).toBe(0);
  });

  test("does not lose changes that are in no version of the graph, unless --force", async () => {
    await cim("update-node", id, "--id", "web", "--changes", '{"port": 81}');
    await write(99);
    const { code, stderr } = await cim("pull", id, file);
    expect(code).toBe(1);
    expect(stderr).toContain("has changes that none of the newest 20 versions");
    expect(stderr).toContain("port: 81 → 99");
    expect(await written()).toEqual(document(99));
    expect((await cim("pull", id, file, "--force")).code).toBe(0);
    expect(await written()).toEqual(document(81));
  });

  test("makes a new file, and overwrites nothing else without --force", async () => {
    const [other, fresh] = [join(folder, `${id}-notes.txt`), join(folder, `${id}-new.json`)];
    await writeFile(other, "notes");
    expect(await cim("pull", id, other)).toMatchObject({ code: 1, stderr: expect.stringContaining("holds no graph") });
    expect(await readFile(other, "utf8")).toBe("notes");
    expect((await cim("pull", id, fresh)).stdout).toBe(`${fresh} is graph ${id} version 4\n`);
    expect(JSON.parse(await readFile(fresh, "utf8"))).toEqual(document(80));
    expect(await cim("pull", "nothing", fresh)).toMatchObject({ code: 1 });
  });
});

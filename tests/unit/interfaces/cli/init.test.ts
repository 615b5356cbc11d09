import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { initGroup } from "../../../../src/interfaces/cli/init.ts";
import { documentOf } from "../../../../src/interfaces/cli/read-input.ts";
import { runIn } from "./harness.ts";

let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "My Shop-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const init = (words: ReadonlyArray<string>, surroundings: Parameters<typeof runIn>[2] = {}) =>
  runIn([initGroup], ["init", ...words], surroundings);

test("on a terminal it asks, and writes the answers as a graph", async () => {
  const file = join(folder, "asked.json");
  const stdin = "shop\n\nleaf.example.org\n/run/current-system/sw/bin/web\nn\n";
  const { code, stderr, stdout } = await init([file], { terminal: true, stdin });
  expect(code).toBe(0);
  expect(stderr).toContain("name of the first host [leaf-1]: ");
  expect(stdout).toContain("cim graph validate");
  expect(documentOf(await readFile(file, "utf8"), file)).toEqual({
    id: "shop",
    nodes: [
      { id: "leaf-1", type: "host", system: "x86_64-linux", address: "leaf.example.org" },
      { id: "web", type: "service", command: "/run/current-system/sw/bin/web" },
    ],
    edges: [{ from: "web", to: "leaf-1", type: "runs-on" }],
  });
});

test("a program is not asked: it gives the address, and the rest has defaults", async () => {
  const file = join(folder, "told.yaml");
  expect((await init([file, "--address", "10.0.0.11"])).code).toBe(0);
  expect(documentOf(await readFile(file, "utf8"), file)).toEqual({
    id: expect.stringMatching(/^my-shop-/),
    nodes: [{ id: "leaf-1", type: "host", system: "x86_64-linux", address: "10.0.0.11" }],
    edges: [],
  });
});

test.each([
  [[], 2, "is neither an IP address nor a name: give --address"],
  [["--address", "10.0.0.1", "--id", "My Shop"], 2, "the graph `My Shop`: a name has"],
  [["--address", "10.0.0.1", "--host", "localhost"], 1, "localhost"],
])("with %j nothing is written", async (words, code, message) => {
  const file = join(folder, "wrong.json");
  const ended = await init([file, ...words]);
  expect(ended).toMatchObject({ code, stderr: expect.stringContaining(message) });
  await expect(readFile(file)).rejects.toThrow("ENOENT");
});

test("a file that is there stays, unless it may be replaced", async () => {
  const file = join(folder, "mine.json");
  await writeFile(file, "mine");
  const told = [file, "--address", "10.0.0.11"];
  expect(await init(told)).toMatchObject({ code: 1, stderr: expect.stringContaining("is there already") });
  expect(await readFile(file, "utf8")).toBe("mine");
  expect((await init([...told, "--force"])).code).toBe(0);
});

test("questions that are not answered to the end write nothing", async () => {
  const file = join(folder, "half.json");
  const { code, stderr } = await init([file], { terminal: true, stdin: "shop\n" });
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("nothing was written") });
  await expect(readFile(file)).rejects.toThrow("ENOENT");
});

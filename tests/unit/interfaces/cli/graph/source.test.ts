import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { toGraphology } from "../../../../../src/domain/graph/graphology.ts";
import { graph } from "../../../../../src/interfaces/cli/graph/mod.ts";
import { graphSource, nameOfSource } from "../../../../../src/interfaces/cli/graph/source.ts";
import { example } from "../../../domain/graph/fixtures.ts";
import { runIn } from "../harness.ts";

let folder = "";
const inFolder = (name: string) => join(folder, name);
const serialization = toGraphology(example("nats-mesh"));
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-source-"));
  await writeFile(inFolder("shop@3"), "{}");
  await writeFile(inFolder("mesh.json"), JSON.stringify(serialization));
});
afterAll(() => rm(folder, { recursive: true }));

describe("a graph is named", () => {
  test.each([
    ["shop@3", { id: "shop", version: 3 }],
    ["web-shop@latest", { id: "web-shop" }],
    ["shop.json", { file: "shop.json" }],
    ["-", { file: "-" }],
  ])("%s", async (argument, source) => {
    expect(await graphSource(argument)).toEqual(source);
    expect(nameOfSource(source)).toBe(argument === "-" ? "standard input" : argument);
  });

  test("by a file where there is one of that name", async () => {
    expect(await graphSource(inFolder("shop@3"))).toEqual({ file: inFolder("shop@3") });
  });

  test.each(["shop@", "@3", "shop@0", "shop@new", "Shop@1", "a@b@1"])("and not as %s", async (argument) => {
    await expect(graphSource(argument)).rejects.toThrow(
      `${argument}: there is no such file, and a stored graph is named ID@VERSION or ID@latest`,
    );
  });
});

const cim = (...argv: ReadonlyArray<string>) => runIn([graph], ["graph", ...argv]);

describe("graphology's serialization", () => {
  test("is a graph like any other", async () => {
    expect(await cim("validate", inFolder("mesh.json"))).toMatchObject({ code: 0, stderr: "" });
    const { stdout } = await cim("show", inFolder("mesh.json"), "--format", "graphology");
    expect(JSON.parse(stdout)).toEqual(serialization);
  });

  test("has its faults told", async () => {
    const faulty = JSON.stringify({ ...serialization, edges: [{ source: "a" }] });
    const { code, stdout } = await runIn([graph], ["graph", "validate", "-"], { stdin: faulty });
    expect(code).toBe(1);
    expect(stdout).toContain("the graphology serialization: field `edges.0.target` is missing: add it");
    const shown = await runIn([graph], ["graph", "show", "-"], { stdin: faulty });
    expect(shown).toMatchObject({ code: 1, stdout: "" });
    expect(shown.stderr).toContain("standard input is not a deployment graph:\n  error invalid-config");
  });
});

test("a graph is shown in its normal form, whatever order it is written in", async () => {
  const file = join(import.meta.dirname, "../../../../../examples/five-services.json");
  const written = JSON.parse(await readFile(file, "utf8"));
  const stdin = JSON.stringify({ ...written, nodes: written.nodes.toReversed(), edges: written.edges.toReversed() });
  const { stdout } = await runIn([graph], ["graph", "show", "-", "--format", "json"], { stdin });
  expect(stdout).toBe((await cim("show", file, "--format", "json")).stdout);
  expect(JSON.parse(stdout).nodes.map(({ id }: { id: string }) => id)).toEqual(
    written.nodes.map(({ id }: { id: string }) => id).toSorted(),
  );
});

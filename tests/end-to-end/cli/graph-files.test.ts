import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { programFiles } from "../../../src/domain/nix/unit/programs.ts";
import { cim, root } from "./cim.ts";

const example = join(root, "examples/five-services.json");
let folder = "";
const inFolder = (name: string) => join(folder, name);

const exampleWith = async (
  change: (graph: { nodes: Array<{ id: string; port?: number }>; edges: Array<object> }) => void,
) => {
  const graph = JSON.parse(await readFile(example, "utf8"));
  change(graph);
  return JSON.stringify(graph, null, 2);
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-files-"));
  await writeFile(inFolder("broken.json"), '{\n  "id": "shop",\n  nodes: []\n}');
  await writeFile(
    inFolder("conflict.json"),
    await exampleWith(({ nodes }) => {
      for (const node of nodes) if (node.id === "gateway") node.port = 8080;
    }),
  );
  await writeFile(
    inFolder("moved.json"),
    await exampleWith(({ nodes }) => {
      for (const node of nodes) if (node.id === "gateway") node.port = 8443;
    }),
  );
  await writeFile(
    inFolder("shuffled.json"),
    await exampleWith(({ nodes, edges }) => {
      nodes.reverse();
      edges.reverse();
    }),
  );
});
afterAll(() => rm(folder, { recursive: true }));

describe("cim graph validate", () => {
  test("a graph without errors is ok, its warnings are told", async () => {
    const { code, stdout, stderr } = await cim(["graph", "validate", example]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/five-services\.json: ok \(no errors, 1 warning\)\n {2}warning no-health-check/);
    expect(stderr).toBe("");
  });

  test("one error in any of several files is exit code 1", async () => {
    const { code, stdout } = await cim(["graph", "validate", example, inFolder("conflict.json")]);
    expect(code).toBe(1);
    expect(stdout).toContain("conflict.json: not deployable");
    expect(stdout).toContain("port-conflict");
  });

  test("--json is one document", async () => {
    const { code, stdout } = await cim(["graph", "validate", "--json", example, inFolder("broken.json")]);
    expect(code).toBe(1);
    const { files } = JSON.parse(stdout);
    expect(files).toMatchObject([
      { file: example, ok: true, problems: [{ code: "no-health-check", severity: "warning", nodes: ["worker"] }] },
      { file: inFolder("broken.json"), ok: false, problems: [{ code: "invalid-config", severity: "error" }] },
    ]);
    expect(files[1].problems[0].message).toContain("broken.json:3:3: not JSON");
  });

  test("- is standard input", async () => {
    const { code, stdout } = await cim(["graph", "validate", "-"], { stdin: await readFile(example, "utf8") });
    expect(code).toBe(0);
    expect(stdout).toContain("standard input: ok");
  });
});

/** Every file below a folder, with its text. */
const contentOf = async (out: string) => {
  const entries = await readdir(out, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(files.sort().map(async (file) => [file.slice(out.length + 1), await readFile(file, "utf8")])),
  );
};

const render = (file: string, out: string, ...more: ReadonlyArray<string>) =>
  cim(["graph", "render", file, "--out", out, ...more]);

/** What the hosts of every flake share. */
const shared = [
  "modules/description.nix",
  "modules/hardening.nix",
  "modules/health.nix",
  "modules/leaf.nix",
  "modules/new-machine.nix",
  "modules/programs.nix",
  ...Object.keys(programFiles),
  "tools/flake.nix",
];

describe("cim graph render", () => {
  test("the same graph gives the same bytes, however it is written", async () => {
    const [one, other] = [inFolder("one"), inFolder("deep/er/other")];
    expect((await render(example, one)).code).toBe(0);
    expect((await render(inFolder("shuffled.json"), other)).code).toBe(0);
    const files = await contentOf(one);
    expect(Object.keys(files)).toEqual([
      "README.md",
      "deployment.json",
      "flake.nix",
      "graph.json",
      "hosts/leaf-1.nix",
      "hosts/leaf-2.nix",
      ...shared,
    ]);
    expect(await contentOf(other)).toEqual(files);
  });

  test("a render replaces an earlier one: its files go, others stay", async () => {
    const out = inFolder("again");
    await writeFile(inFolder("renamed.json"), (await readFile(example, "utf8")).replaceAll('"leaf-2"', '"leaf-3"'));
    await render(example, out);
    await writeFile(join(out, "flake.lock"), "locked");
    expect((await render(inFolder("renamed.json"), out)).code).toBe(0);
    expect(Object.keys(await contentOf(out))).toEqual([
      "README.md",
      "deployment.json",
      "flake.lock",
      "flake.nix",
      "graph.json",
      "hosts/leaf-1.nix",
      "hosts/leaf-3.nix",
      ...shared,
    ]);
  });

  test("what it did not write is not overwritten, unless --force", async () => {
    const out = inFolder("mine");
    await mkdir(out);
    await writeFile(join(out, "flake.nix"), "mine");
    const refused = await render(example, out);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("add --force");
    expect(await contentOf(out)).toEqual({ "flake.nix": "mine" });
    expect((await render(example, out, "--force")).code).toBe(0);
    expect(Object.keys(await contentOf(out))).toContain("hosts/leaf-1.nix");
  });

  test.each<[string, (out: string, elsewhere: string) => Promise<void>, string]>([
    ["the folder", (out, elsewhere) => symlink(elsewhere, out), "give --out"],
    ["a folder in it", (out, elsewhere) => mkdir(out).then(() => symlink(elsewhere, join(out, "hosts"))), "remove the"],
    [
      "a file in it",
      (out, elsewhere) => mkdir(out).then(() => symlink(join(elsewhere, "f"), join(out, "flake.nix"))),
      "remove the",
    ],
  ])("does not write through a symbolic link: %s", async (name, link, remedy) => {
    const [out, elsewhere] = [inFolder(`link of ${name}`), inFolder(`behind ${name}`)];
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, "f"), "of others");
    await link(out, elsewhere);
    for (const more of [[], ["--force"]]) {
      const { code, stderr } = await render(example, out, ...more);
      expect(code).toBe(1);
      if (more.length > 0)
        expect(stderr).toContain(`is a symbolic link, and a render does not write through one: ${remedy}`);
      expect(await contentOf(elsewhere)).toEqual({ f: "of others" });
    }
  });

  test("writes all or nothing", async () => {
    const out = inFolder("half");
    await render(example, out);
    const before = await contentOf(out);
    const renamed = inFolder("half.json");
    await writeFile(renamed, (await readFile(example, "utf8")).replaceAll('"leaf-2"', '"leaf-3"'));
    await mkdir(join(out, "hosts/leaf-3.nix"));
    const { code, stderr } = await render(renamed, out, "--force");
    expect(code).toBe(1);
    expect(stderr).toContain("hosts/leaf-3.nix is a folder, where the render has a file");
    await rm(join(out, "hosts/leaf-3.nix"), { recursive: true });
    expect(await contentOf(out)).toEqual(before);
    expect((await readdir(out)).some((name) => name.includes("draft"))).toBe(false);
  });

  test("what looks like a secret is neither rendered nor planned, unless it is allowed", async () => {
    const [file, out] = [inFolder("secret.json"), inFolder("secret")];
    const document = JSON.parse(await readFile(example, "utf8"));
    for (const node of document.nodes) if (node.id === "web-api") node.environment = { API_TOKEN: "hunter2-hunter2" };
    await writeFile(file, JSON.stringify(document));
    const field = "web-api.environment.API_TOKEN";
    for (const words of [
      ["graph", "render", file, "--out", out],
      ["plan", file],
    ]) {
      const refused = await cim(words);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain(`\`${field}\` looks like a secret`);
      expect(refused.stderr).not.toContain("hunter2");
      expect((await cim([...words, "--allow-secret-like", field])).code).toBe(0);
    }
  });

  test("a plan shows what the reference reviewers will ask for, if that is wanted", async () => {
    const { code, stdout } = await cim(["plan", example, "--reviews"]);
    expect(code).toBe(0);
    expect(stdout).toContain("reviews, by the rules of the reference reviewers");
    expect(stdout).toContain("warning architecture/unreachable-bus");
    expect(stdout).toContain(
      'will be a condition:\n      adds the edge `web-api` connects-to `bus` {"protocol":"nats"}',
    );
    expect(stdout).toContain("security: nothing to object");
    const { reviews } = JSON.parse((await cim(["plan", example, "--reviews", "--json"])).stdout);
    expect(reviews.map(({ reviewer }: { reviewer: string }) => reviewer)).toEqual([
      "architecture",
      "security",
      "capacity",
      "continuity",
    ]);
    expect((await cim(["plan", example])).stdout).not.toContain("reviews,");
  });

  test("a graph with errors is not rendered, and nothing is written", async () => {
    const out = inFolder("none");
    const { code, stderr } = await render(inFolder("conflict.json"), out);
    expect(code).toBe(1);
    expect(stderr).toContain("port-conflict");
    await expect(readdir(out)).rejects.toThrow("ENOENT");
  });
});

describe("cim graph diff and show", () => {
  test("the difference, for people and for programs", async () => {
    const people = await cim(["graph", "diff", example, inFolder("conflict.json")]);
    expect(people).toMatchObject({
      code: 0,
      stdout: "~ node gateway (service)\n    ~ port: 443 → 8080\n1 node changed\n",
    });
    expect(people.stderr).toContain("conflict.json cannot be deployed");
    const programs = await cim(["graph", "diff", example, inFolder("conflict.json"), "--json"]);
    expect(JSON.parse(programs.stdout)).toEqual({
      from: example,
      to: inFolder("conflict.json"),
      changes: [{ type: "update-node", id: "gateway", changes: { port: 8080 } }],
      hosts: null,
      data: null,
    });
  });

  test("what it means for each host and unit", async () => {
    const people = await cim(["graph", "diff", example, inFolder("moved.json")]);
    expect(people).toMatchObject({ code: 0, stderr: "" });
    expect(people.stdout).toBe(
      [
        "~ node gateway (service)",
        "    ~ port: 443 → 8443",
        "1 node changed",
        "~ host leaf-1",
        "    restarts cim-health-gateway.service",
        "    restarts gateway.service",
        "    opens    8443/tcp of gateway to everyone",
        "    closes   443/tcp of gateway to everyone",
        "",
      ].join("\n"),
    );
    const programs = await cim(["graph", "diff", example, inFolder("moved.json"), "--json"]);
    expect(JSON.parse(programs.stdout).hosts).toEqual([
      {
        host: "leaf-1",
        change: "changed",
        units: { started: [], stopped: [], restarted: ["cim-health-gateway.service", "gateway.service"] },
        firewall: {
          opened: [{ to: "gateway", transport: "tcp", port: 8443 }],
          closed: [{ to: "gateway", transport: "tcp", port: 443 }],
        },
        settings: [],
      },
      {
        host: "leaf-2",
        change: "unchanged",
        units: { started: [], stopped: [], restarted: [] },
        firewall: { opened: [], closed: [] },
        settings: [],
      },
    ]);
  });

  test("the order in a file makes no difference", async () => {
    const { stdout } = await cim(["graph", "diff", example, inFolder("shuffled.json")]);
    expect(stdout).toBe("no difference\n");
  });

  test.each([
    ["mermaid", "flowchart LR"],
    ["dot", "digraph"],
    ["json", "{"],
    ["graphology", "{"],
  ])("a graph in %s", async (format, beginning) => {
    const { code, stdout } = await cim(["graph", "show", example, "--format", format]);
    expect(code).toBe(0);
    expect(stdout.startsWith(beginning)).toBe(true);
  });
});

describe("cim plan without a server", () => {
  test("tells the order of the hosts, and that it was compared with nothing", async () => {
    const env = { CIM_NATS: "", NATS_URL: "" };
    const { code, stdout, stderr } = await cim(["plan", example, "--json"], { env });
    expect(code).toBe(0);
    expect(stderr).toContain("compared with nothing");
    const { comparedWith, waves } = JSON.parse(stdout);
    expect(comparedWith).toBeNull();
    expect(waves).toMatchObject([
      [{ host: "leaf-2", nodes: ["bus", "postgres", "worker"], change: "new" }],
      [{ host: "leaf-1", nodes: ["gateway", "web-api"], change: "new" }],
    ]);
  });

  test("says that only nix knows packages, if there is no nix that works", async () => {
    await mkdir(inFolder("bin"));
    await writeFile(inFolder("bin/nix"), "#!/bin/sh\nexit 127\n", { mode: 0o755 });
    const env = { CIM_NATS: "", NATS_URL: "", PATH: `${inFolder("bin")}:${process.env.PATH}` };
    const { code, stderr } = await cim(["plan", example, "--packages"], { env });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/only nix knows packages.*where nix is/),
    });
  });
});

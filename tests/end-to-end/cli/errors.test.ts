import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { cim, root, start } from "./cim.ts";

const nobody = "nats://127.0.0.1:1";
const example = join(root, "examples/five-services.json");
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-errors-"));
  await writeFile(join(folder, "broken.json"), '{"id": }');
});
afterAll(() => rm(folder, { recursive: true }));

describe("whatever goes wrong is one clear line on stderr", () => {
  const cases: ReadonlyArray<readonly [number, ReadonlyArray<string>, string]> = [
    [2, ["grph"], "unknown command 'grph' (Did you mean graph?)"],
    [2, ["graph", "rendr"], "unknown command 'rendr' (Did you mean render?)"],
    [2, ["graph", "show", "x.json", "--fromat", "dot"], "unknown option '--fromat' (Did you mean --format?)"],
    [2, ["graph", "render", "x.json"], "required option '--out <folder>' not specified"],
    [2, ["graph", "validate"], "missing required argument 'file'"],
    [2, ["vote", "p1", "maybe"], "Allowed choices are approve, reject, abstain"],
    [2, ["deploy"], "deploy needs either a FILE, or --graph ID"],
    [2, ["deploy", "x.json", "--target", "windows"], "Allowed choices are simulated, nixos"],
    [2, ["up", "--port", "99999"], "a port from 1 to 65535"],
    [2, ["demo", "--fail", "everything"], "write NODE@HOST"],
    [2, ["audit", "replay"], "either --at TIME or --position N"],
    [2, ["tasks", "submit", "t1"], "--type, --required-capabilities are required"],
    [1, ["graph", "validate", "nowhere.json"], "nowhere.json: there is no such file"],
    [1, ["graph", "validate", "."], ".: is a directory"],
    [1, ["deploy", "broken.json"], "broken.json:1:8: not JSON"],
    [
      1,
      ["agents", "list", "--nats", nobody],
      `no nats-server answers at ${nobody}: start one with \`cim up\`, or give --nats`,
    ],
    [1, ["deploy", example, "--nats", nobody], "no nats-server answers"],
    [1, ["graph", "show", "shop@3", "--nats", nobody], `shop@3: no nats-server answers at ${nobody}: start one`],
    [1, ["graph", "show", "shop@three"], "shop@three: there is no such file, and a stored graph is named ID@VERSION"],
    [1, ["bench", "nothing"], "there is no benchmark nothing"],
  ];
  test.each(cases)("%d: cim %j", async (expected, args, message) => {
    const { code, stdout, stderr } = await cim(args, { cwd: folder });
    expect(stderr).toContain(message);
    expect({ code, stdout }).toEqual({ code: expected, stdout: "" });
    const lines = stderr
      .trim()
      .split("\n")
      .filter((line) => !line.startsWith("warning "));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^cim: /);
  });

  test("CIM_DEBUG shows the stack", async () => {
    const { stderr } = await cim(["graph", "validate", "nowhere.json"], { env: { CIM_DEBUG: "1" } });
    expect(stderr).toMatch(/\n\s+at /);
  });
});

describe("the launcher", () => {
  test("works through symbolic links and from any folder", async () => {
    await symlink(join(root, "bin/cim"), join(folder, "first"));
    await symlink("first", join(folder, "second"));
    const { code, stdout } = await cim(["--version"], { cwd: "/", launcher: join(folder, "second") });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "0.1.0\n" });
  });
});

describe("output", () => {
  test("a reader that has seen enough ends it quietly", async () => {
    const child = start(["graph", "show", example]);
    child.stdout.destroy();
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
  });

  test("has no ANSI where there is no terminal", async () => {
    const { stdout, stderr } = await cim(["graph", "validate", example]);
    expect(`${stdout}${stderr}`).not.toContain("\u001b");
  });
});

import { describe, expect, test } from "@jest/globals";
import { exitCode } from "../../../../src/interfaces/cli/errors.ts";
import type { CommandGroup } from "../../../../src/interfaces/cli/invocation.ts";
import { runIn } from "./harness.ts";

/** `cim group show`, which prints its settings. */
const probe: CommandGroup = (program, runner) => {
  program
    .command("group")
    .command("show")
    .action((_options, command) =>
      runner.run(command, async ({ settings, output }) => {
        output.document(settings);
        return exitCode.done;
      }),
    );
};

const settings = async (argv: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
  JSON.parse((await runIn([probe], argv, { env })).stdout);

const failure = async (argv: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) => {
  const { code, stdout, stderr } = await runIn([probe], argv, { env });
  expect(stdout).toBe("");
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  return `${code} ${stderr}`;
};

describe("settings", () => {
  test("the defaults", async () => {
    expect(await settings(["group", "show"])).toMatchObject({
      json: false,
      color: true,
      nats: "nats://127.0.0.1:4222",
      natsGiven: false,
      prefix: "cim",
    });
  });

  test("the principal is the system's user where nobody says who asks", async () => {
    expect((await settings(["group", "show"])).principal).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/);
  });

  test.each([
    [["--json", "--as", "ann", "group", "show"]],
    [["group", "--json", "show", "--as", "ann"]],
    [["group", "show", "--as", "ann", "--json"]],
  ])("the options that all commands have may stand anywhere: %j", async (argv) => {
    expect(await settings(argv)).toMatchObject({ json: true, principal: "ann" });
  });

  test("an option goes before the environment", async () => {
    const env = { CIM_NATS: "nats://hub:4222", CIM_PREFIX: "leaf", CIM_PRINCIPAL: "bob" };
    expect(await settings(["group", "show", "--as", "ann"], env)).toMatchObject({
      nats: "nats://hub:4222",
      natsGiven: true,
      prefix: "leaf",
      principal: "ann",
    });
  });

  test.each([
    [["--timeout", "0"], "a number of seconds above 0"],
    [["--timeout", "soon"], "a number of seconds above 0"],
    [["--as", "a.b"], "1-128 characters"],
    [["--prefix", "a.b"], "one subject token"],
    [["--nats", "http://x y"], "the URL of a nats-server"],
    [["--jsn"], "(Did you mean --json?)"],
    [["extra"], "too many arguments"],
  ])("%j is a usage error", async (args, message) => {
    const said = await failure(["group", "show", ...args]);
    expect(said).toMatch(/^2 cim: /);
    expect(said).toContain(message);
  });

  test("a wrong value in the environment is a usage error that names the variable", async () => {
    expect(await failure(["group", "show"], { CIM_PRINCIPAL: "no body" })).toContain("CIM_PRINCIPAL is 'no body'");
  });

  test("an unknown command is answered with the one that is meant", async () => {
    expect(await failure(["grup"])).toBe("2 cim: unknown command 'grup' (Did you mean group?)\n");
    expect(await failure(["group", "shwo"])).toContain("Did you mean show?");
  });
});

const failing: CommandGroup = (program, runner) => {
  program.command("fail").action((_options, command) =>
    runner.run(command, async () => {
      throw new Error("it broke\n  in two lines");
    }),
  );
};

describe("failures", () => {
  test("are one line without a stack", async () => {
    const { stdout } = await runIn([failing], ["fail", "--json"]);
    expect(JSON.parse(stdout)).toEqual({ ok: false, error: { code: "failed", message: "it broke in two lines" } });
    const misspelt = await runIn([failing], ["fial", "--json"]);
    expect(misspelt.code).toBe(2);
    expect(JSON.parse(misspelt.stdout)).toMatchObject({ ok: false, error: { code: "usage" } });
    expect(await runIn([failing], ["fail"])).toEqual({ code: 1, stdout: "", stderr: "cim: it broke in two lines\n" });
  });

  test("have a stack with CIM_DEBUG", async () => {
    expect((await runIn([failing], ["fail"], { env: { CIM_DEBUG: "1" } })).stderr).toContain("at ");
  });

  test("--help and --version are done", async () => {
    expect((await runIn([failing], ["--help"])).code).toBe(0);
    expect(await runIn([failing], ["--version"])).toMatchObject({ code: 0, stdout: "0.1.0\n" });
  });
});

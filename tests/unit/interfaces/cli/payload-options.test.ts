import { describe, expect, test } from "@jest/globals";
import { Schema } from "effect";
import { proposal } from "../../../../src/domain/consensus/decider.ts";
import { dialog } from "../../../../src/domain/dialog/decider.ts";
import { task } from "../../../../src/domain/task/decider.ts";
import { exitCode } from "../../../../src/interfaces/cli/errors.ts";
import type { CommandGroup } from "../../../../src/interfaces/cli/invocation.ts";
import { addPayloadOptions, payloadFields, payloadOf } from "../../../../src/interfaces/cli/payload-options.ts";
import { runIn } from "./harness.ts";

/** A program with one command `give` that prints the payload its options say. */
const giving = (schema: Parameters<typeof payloadFields>[0]): CommandGroup => {
  const fields = payloadFields(schema);
  return (program, runner) => {
    const command = program.command("give");
    addPayloadOptions(command, fields);
    command.action(() =>
      runner.run(command, async (cli) => {
        cli.output.document(await payloadOf(cli.host, command, fields));
        return exitCode.done;
      }),
    );
  };
};

const give = async (schema: Parameters<typeof payloadFields>[0], args: ReadonlyArray<string>, stdin = "") => {
  const { code, stdout, stderr } = await runIn([giving(schema)], ["give", ...args], { stdin });
  return { code, stderr, payload: stdout === "" ? undefined : JSON.parse(stdout) };
};

describe("options of a command, derived from its payload", () => {
  test("each top-level field has an option in kebab-case", () => {
    expect(payloadFields(task.commands.submit.schema).map(({ option, kind }) => [option, kind])).toEqual([
      ["type", "text"],
      ["required-capabilities", "list"],
      ["preferred-capabilities", "list"],
      ["to", "text"],
      ["strategy", "text"],
      ["priority", "text"],
      ["payload", "json"],
      ["acknowledge-within-seconds", "number"],
      ["start-within-seconds", "number"],
      ["deadline-seconds", "number"],
      ["max-attempts", "number"],
    ]);
  });

  test("a command without fields has no options", () => {
    expect(payloadFields(dialog.commands.leave.schema)).toEqual([]);
  });

  test("values are read as what their fields are", async () => {
    const { payload } = await give(task.commands.submit.schema, [
      "--type",
      "build",
      "--required-capabilities",
      "nix, ssh",
      "--required-capabilities",
      "x86",
      "--max-attempts",
      "2",
      "--payload",
      '{"a": [1]}',
      "--priority",
      "high",
    ]);
    expect(payload).toEqual({
      type: "build",
      requiredCapabilities: ["nix", "ssh", "x86"],
      maxAttempts: 2,
      payload: { a: [1] },
      priority: "high",
    });
  });

  test("text that looks like a number stays text", async () => {
    const { payload } = await give(task.commands.cancel.schema, ["--reason", "5"]);
    expect(payload).toEqual({ reason: "5" });
  });

  test("a field that is text or a number takes either", async () => {
    const base = ["--kind", "k", "--title", "t", "--subject", "{}"];
    expect((await give(proposal.commands.submit.schema, [...base, "--quorum", "2/3"])).payload.quorum).toBe("2/3");
    expect((await give(proposal.commands.submit.schema, [...base, "--quorum", "0.5"])).payload.quorum).toBe(0.5);
  });

  test("a flag can be turned on and off, and is left out otherwise", async () => {
    const base = ["--kind", "k", "--title", "t", "--subject", "{}"];
    const flag = async (...args: ReadonlyArray<string>) =>
      (await give(proposal.commands.submit.schema, [...base, ...args])).payload.ballotsMayChange;
    expect(await flag("--ballots-may-change")).toBe(true);
    expect(await flag("--no-ballots-may-change")).toBe(false);
    expect(await flag()).toBeUndefined();
  });

  test("one id or a list of them is a list", async () => {
    expect((await give(dialog.commands.say.schema, ["--text", "hi", "--to", "ann,bob"])).payload.to).toEqual([
      "ann",
      "bob",
    ]);
  });

  test("a list may hold objects, as JSON", async () => {
    const base = ["--kind", "k", "--title", "t", "--subject", "{}", "--electorate", '[{"id":"ann","weight":2}]'];
    expect((await give(proposal.commands.submit.schema, base)).payload.electorate).toEqual([{ id: "ann", weight: 2 }]);
  });

  test("--data is the whole payload, and options replace its fields", async () => {
    const { payload } = await give(
      task.commands.submit.schema,
      ["--data", "-", "--type", "test"],
      '{"type": "build", "requiredCapabilities": []}',
    );
    expect(payload).toEqual({ type: "test", requiredCapabilities: [] });
  });

  test("a payload's field called data is given within --data", async () => {
    const { payload } = await give(dialog.commands.say.schema, ["--text", "hi", "--data", '{"data": 1}']);
    expect(payload).toEqual({ text: "hi", data: 1 });
  });

  test.each([
    [["--type", "build"], "--required-capabilities is required"],
    [[], "--type, --required-capabilities are required"],
    [["--data", "{"], "--data is not JSON"],
    [["--data", "[]"], "--data must be a JSON object"],
    [["--payload", "{'a'}", "--data", "{}"], "--payload is not JSON"],
    [["--max-attempts", "two"], "must be a number"],
    [["--priority", "urgent"], "Allowed choices are low, normal, high, critical"],
    [["--required-capabilities", "[1"], "must be a list"],
  ])("%j is a usage error", async (args, message) => {
    const { code, stderr } = await give(task.commands.submit.schema, args);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("a schema without properties has no fields", () => {
    expect(payloadFields(Schema.Struct({}))).toEqual([]);
  });
});

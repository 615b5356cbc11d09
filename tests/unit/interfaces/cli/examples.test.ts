import { expect, test } from "@jest/globals";
import { examplesOf } from "../../../../src/interfaces/cli/examples.ts";
import { groupsFor } from "../../../../src/interfaces/cli/registry.ts";
import { runIn } from "./harness.ts";

test("the help of a command has examples of the documentation", async () => {
  const { code, stdout } = await runIn(await groupsFor(["graph"]), ["graph", "diff", "--help"]);
  expect(code).toBe(0);
  expect(stdout).toContain("Examples:\n  cim graph diff old.json new.json");
  expect(stdout).not.toContain("cim graph show");
});

test("a group has those of its commands, and no command those of another whose name is longer", () => {
  expect(examplesOf("cim graph")).toContain("cim graph validate");
  expect(examplesOf("cim deploy")).not.toContain("cim deployments");
  expect(
    examplesOf("cim graph")
      .split("\n")
      .filter((line) => line.startsWith("  cim")),
  ).toHaveLength(5);
  expect(examplesOf("cim no-such-command")).toBe("");
});

test.each([
  "up",
  "deploy",
  "graph",
  "plan",
  "agents",
  "tasks",
  "dialogs",
  "proposals",
  "hosts",
  "vote",
  "why",
  "audit",
])("cim %s has an example", (name) => {
  expect(examplesOf(`cim ${name}`)).toContain(`cim ${name}`);
});

import { describe, expect, test } from "@jest/globals";
import { contexts } from "../../../../src/application/contexts.ts";
import { publishedViews } from "../../../../src/contract/views/mod.ts";
import { viewOf } from "../../../../src/interfaces/cli/aggregate-commands.ts";
import type { Runner } from "../../../../src/interfaces/cli/invocation.ts";
import { makeProgram } from "../../../../src/interfaces/cli/program.ts";
import { groupsFor, groupsOfOthers } from "../../../../src/interfaces/cli/registry.ts";
import { fakeHost } from "./harness.ts";

const runner: Runner = { host: fakeHost().host, run: async () => {} };

const namesOf = async (argv: ReadonlyArray<string>) =>
  makeProgram(runner, await groupsFor(argv)).commands.map((command) => command.name());

/** Groups that are not called like the view of their aggregate. */
const named: Readonly<Record<string, string>> = { knowledge: "facts", "parked-step": "parked" };

describe("the groups of commands", () => {
  test("are all there for the help, and for a word that is none", async () => {
    const all = await namesOf(["--help"]);
    expect(await namesOf(["grahp"])).toEqual(all);
    const views = contexts.filter(({ name }) => name !== "graph").map(({ name }) => named[name] ?? viewOf(name));
    expect(all).toEqual(expect.arrayContaining(["up", "graph", ...views, "bench"]));
  });

  test("are those that a command line names, wherever it does", async () => {
    for (const name of await namesOf(["--help"])) expect(await namesOf(["--json", name, "x"])).toContain(name);
    expect(await namesOf(["graph", "validate", "x.json"])).toEqual(["graph"]);
    expect(await namesOf(["agents", "register", "demo"])).toEqual(["demo", ...(await namesOf(["agents"]))]);
  });

  test("have one of a context that has no file of its own", async () => {
    const parcel = { name: "parcel", description: "What is sent.", commands: {} };
    const before = makeProgram(runner, await groupsOfOthers(contexts)).commands;
    const [parcels, ...more] = makeProgram(runner, await groupsOfOthers([parcel, ...contexts])).commands;
    expect(more.map((command) => command.name())).toEqual(before.map((command) => command.name()));
    expect(parcels?.name()).toBe("parcels");
    expect(parcels?.commands.map((command) => command.name())).toEqual(["list", "get"]);
  });

  test("have a view to list, if the context has no file of its own", async () => {
    for (const group of makeProgram(runner, await groupsOfOthers(contexts)).commands)
      expect(Object.keys(publishedViews)).toContain(group.name());
  });
});

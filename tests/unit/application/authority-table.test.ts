import { describe, expect, test } from "@jest/globals";
import { commands } from "../../../src/contract/commands.ts";
import { agent } from "../../../src/domain/agent/decider.ts";
import { proposal } from "../../../src/domain/consensus/decider.ts";
import { dialog } from "../../../src/domain/dialog/decider.ts";
import { graph } from "../../../src/domain/graph/decider.ts";
import {
  type Alternative,
  type CommandSpec,
  type Condition,
  conditionsOf,
  isPermitted,
  type Permitted,
  permittedBy,
  type Relation,
  type Role,
  relations,
  roles,
} from "../../../src/domain/kernel/mod.ts";
import { knowledge } from "../../../src/domain/knowledge/decider.ts";
import { principal } from "../../../src/domain/principal/decider.ts";
import { task } from "../../../src/domain/task/decider.ts";

const all: ReadonlyArray<Condition> = [...roles, ...(Object.keys(relations) as ReadonlyArray<Relation>)];

/** Whether somebody is permitted who fulfils exactly these conditions. */
const permits = (permitted: Permitted, fulfilled: ReadonlyArray<Condition>): boolean => {
  const has = new Set(fulfilled.filter((one): one is Role => !(one in relations)));
  return isPermitted(permitted, has, (relation) => fulfilled.includes(relation));
};

const rows = Object.entries<Readonly<Record<string, CommandSpec>>>(commands).flatMap(([aggregate, specs]) =>
  Object.entries(specs).flatMap(([name, { by }]) => [
    [`${aggregate}.${name}, which makes one`, permittedBy(by, false)] as const,
    [`${aggregate}.${name}, which changes one`, permittedBy(by, true)] as const,
  ]),
);

describe("the table", () => {
  test.each(rows)("%s: each alternative is enough, and nothing else is", (_, permitted) => {
    const alternatives: ReadonlyArray<Alternative> = permitted === "system" ? [] : permitted;
    const named = new Set(alternatives.flatMap(conditionsOf));
    expect(
      permits(
        permitted,
        all.filter((condition) => !named.has(condition)),
      ),
    ).toBe(false);
    for (const alternative of alternatives) {
      const conditions = conditionsOf(alternative);
      expect(permits(permitted, conditions)).toBe(true);
      for (const missing of conditions) {
        // Everything that no row names, and all of this alternative but one.
        const rest = all.filter((one) => one !== missing && (!named.has(one) || conditions.includes(one)));
        expect(permits(permitted, rest)).toBe(false);
      }
    }
  });

  test("has no public command that only the backend may give, and gives no internal one to anybody", () => {
    for (const specs of Object.values<Readonly<Record<string, CommandSpec>>>(commands))
      for (const { audience, by } of Object.values(specs)) expect(by === "system").toBe(audience === "internal");
  });

  test("gives no command on authority to anybody but admins, except one's own key", () => {
    const withoutAdmin = Object.entries<CommandSpec>(commands.principal).filter(
      ([, { by, audience }]) =>
        audience === "public" &&
        permits(
          permittedBy(by, true),
          all.filter((one) => one !== "admin"),
        ),
    );
    expect(withoutAdmin.map(([name]) => name)).toEqual(["rotate-key", "revoke-key"]);
  });
});

const context = { aggregateId: "it", version: 1, time: "2026-01-01T00:00:00.000Z" };
const asked = { id: "it", command: { type: "cancel", payload: {} } } as const;

describe("a relation", () => {
  test("self is that of the aggregate that is called like the principal", () => {
    for (const { relations: of } of [agent, principal]) {
      const command = { type: "deregister", payload: {} } as const;
      const holds = of.self as (
        state: null,
        asked: { id: string; principal: string; command: typeof command },
      ) => boolean;
      expect([
        holds(null, { id: "ann", principal: "ann", command }),
        holds(null, { id: "ann", principal: "bob", command }),
      ]).toEqual([true, false]);
    }
  });

  test("owner of a graph is who made it", () => {
    const state = graph.evolve(null, { type: "graph-created", data: {} }, { ...context, actor: "ann" });
    const command = { type: "archive", payload: {} } as const;
    const owns = (by: string) => graph.relations.owner(state, { id: "it", principal: by, command });
    expect([owns("ann"), owns("bob")]).toEqual([true, false]);
  });

  test("submitter of a task is who asked for it, of a child the agent that delegated it; assignee is who has it", () => {
    const request = {
      type: "weld",
      requiredCapabilities: [],
      preferredCapabilities: [],
      priority: "normal",
      acknowledgeWithinSeconds: 5,
      maxAttempts: 1,
    } as const;
    const own = task.evolve(null, { type: "task-submitted", data: request }, { ...context, actor: "ann" });
    const child = task.evolve(
      null,
      { type: "task-submitted", data: { ...request, parent: "t", chain: ["eve", "bob"] } },
      { ...context, actor: "task-delegation" },
    );
    const held = task.evolve(
      own,
      {
        type: "task-assigned",
        data: { agent: "bob", strategy: "s", reasons: [], attempt: 1, acknowledgeBy: context.time },
      },
      { ...context, actor: "task-assignment" },
    );
    const who = (relation: "submitter" | "assignee", state: typeof own) =>
      ["ann", "bob", "eve"].filter((by) => task.relations[relation](state, { ...asked, principal: by }));
    expect([who("submitter", own), who("submitter", child)]).toEqual([["ann"], ["bob"]]);
    expect([who("assignee", own), who("assignee", held)]).toEqual([[], ["bob"]]);
  });

  test("members of a dialog are those named, and those whom its type may bring and who have not left", () => {
    const opened = (type: "group" | "broadcast") =>
      dialog.evolve(
        null,
        {
          type: "dialog-opened",
          data: { type, topic: "t", participants: ["ann", "bob"], routing: "broadcast", openedBy: "ann" },
        },
        { ...context, actor: "ann" },
      );
    const command = { type: "leave", payload: {} } as const;
    const isMember = (state: ReturnType<typeof opened>, by: string) =>
      dialog.relations.member(state, { id: "it", principal: by, command });
    expect(["ann", "bob", "eve"].filter((by) => isMember(opened("group"), by))).toEqual(["ann", "bob"]);
    expect(isMember(opened("broadcast"), "eve")).toBe(true);
    const left = dialog.evolve(
      opened("broadcast"),
      { type: "participant-left", data: { participant: "eve" } },
      { ...context, actor: "eve" },
    );
    expect(isMember(left, "eve")).toBe(false);
    const opens = (by: string) => dialog.relations.opener(opened("group"), { id: "it", principal: by, command });
    expect([opens("ann"), opens("bob")]).toEqual([true, false]);
  });

  test("what is the system's is what a part of the backend made, and the space of the installation", () => {
    const { "not-the-systems": isOutside } = knowledge.relations;
    const command = { type: "configure", payload: {} } as const;
    const inSpace = (id: string) => isOutside(knowledge.initial, { id, principal: "ann", command });
    expect([inSpace("system"), inSpace("team")]).toEqual([false, true]);
  });

  test("electors are the members of the electorate, while there is one", () => {
    const command = { type: "vote", payload: { choice: "approve" } } as const;
    const state = {
      status: "active" as const,
      electorate: [{ id: "ann", weight: 1 }],
      proposer: "bob",
    };
    const isElector = proposal.relations.elector as (state: unknown, asked: unknown) => boolean;
    const votes = (by: string) => isElector(state, { id: "it", principal: by, command });
    expect([votes("ann"), votes("bob")]).toEqual([true, false]);
  });
});

import { describe, expect, jest, test } from "@jest/globals";
import type { Action } from "../../../src/application/action.ts";
import { systemKnowledge } from "../../../src/application/processes/system-knowledge/mod.ts";
import { proposal } from "../../../src/domain/consensus/decider.ts";
import { deployment } from "../../../src/domain/deployment/decider.ts";
import { dialog } from "../../../src/domain/dialog/decider.ts";
import { host } from "../../../src/domain/host/decider.ts";
import type { RecordedEvent } from "../../../src/domain/kernel/mod.ts";
import { knowledge } from "../../../src/domain/knowledge/decider.ts";
import { assert, space } from "../domain/knowledge/fixtures.ts";
import { recorder } from "./recorded.ts";

/** How many elements of arrays are spread, walked or sliced while `work` runs: a copy for each of n makes n². */
const elementsCopied = (work: () => void): number => {
  const { [Symbol.iterator]: walk, slice } = Array.prototype;
  let copied = 0;
  const walking = jest.spyOn(Array.prototype, Symbol.iterator).mockImplementation(function* (this: Array<unknown>) {
    for (const element of { [Symbol.iterator]: () => walk.call(this) }) {
      copied++;
      yield element;
    }
    return undefined;
  });
  const slicing = jest.spyOn(Array.prototype, "slice").mockImplementation(function (this: Array<unknown>, from, to) {
    const part = slice.call(this, from, to);
    copied += part.length;
    return part;
  });
  try {
    work();
  } finally {
    walking.mockRestore();
    slicing.mockRestore();
  }
  return copied;
};

/** What is asserted and retracted because of events, as words. */
const course = () => {
  let state = systemKnowledge.initial;
  const said: Array<string> = [];
  const ids = new Map<string, string>();
  const take = (event: RecordedEvent): ReadonlyArray<Action> => {
    state = systemKnowledge.evolve(state, event);
    const actions = systemKnowledge.react(state, event);
    for (const action of actions) {
      if (action.kind !== "command") continue;
      const payload = JSON.parse(JSON.stringify(action.payload));
      if (action.command === "assert-facts")
        for (const { subject, predicate, object } of payload.facts) said.push(`${subject} ${predicate} ${object}`);
      if (action.command === "retract-fact") said.push(`not ${ids.get(payload.fact)}`);
    }
    return actions;
  };
  return { said, take, ids };
};

const closure = (name: string) => `/nix/store/00000000000000000000000000000000-${name}`;

const deployed = (nodes: ReadonlyArray<string>, by = "d1") =>
  ({
    type: "host-deployed",
    data: {
      deployment: by,
      closure: closure(by),
      previous: closure("before"),
      placement: {
        graph: "shop",
        graphVersion: 1,
        nodes: nodes.map((node) => ({ node, units: [], listens: [] })),
        checks: [],
      },
    },
  }) as const;

const counting = { protocol: "simple-majority", quorum: "1/2" } as const;
const rules = { ...counting, votingSeconds: 60, discussionSeconds: 0, ballotsMayChange: true };
const matter = { kind: "deployment", subject: { graph: "sha256-1" } };
const deadline = "2026-01-01T00:01:00.000Z";

describe("what the installation knows of itself", () => {
  test("a deployment's status, once a change", () => {
    const recorded = recorder();
    const { said, take } = course();
    take(recorded(deployment, "deployment-7", { type: "deploying-started", data: { task: "t" } }));
    take(recorded(deployment, "deployment-7", { type: "deployment-succeeded", data: {} }));
    take(recorded(deployment, "deployment-7", { type: "deployment-succeeded", data: {} }));
    expect(said).toEqual(["deployment-7 status deploying", "deployment-7 status succeeded"]);
  });

  test("the rules of the space are set before its first fact, and once", () => {
    const recorded = recorder();
    const { take } = course();
    const event = (status: "deploying-started") => recorded(deployment, "d", { type: status, data: { task: "t" } });
    const commands = take(event("deploying-started")).map((action) => ("command" in action ? action.command : ""));
    expect(commands).toEqual(["configure", "assert-facts"]);
    const later = take(recorded(deployment, "d", { type: "deployment-succeeded", data: {} }));
    expect(later).toHaveLength(1);
  });

  test("what one commit means is one commit", () => {
    const recorded = recorder();
    const { said, take } = course();
    const submitted = recorded(proposal, "p", {
      type: "proposal-submitted",
      data: { ...rules, ...matter, title: "x".repeat(5_000), proposer: "ada" },
    });
    expect(take({ ...submitted, lastOfCommit: false })).toEqual([]);
    const opened = recorded(proposal, "p", { type: "voting-opened", data: { ...counting, electorate: [], deadline } });
    expect(take(opened).map((action) => ("command" in action ? action.command : ""))).toEqual([
      "configure",
      "assert-facts",
    ]);
    expect(said).toEqual([
      `p decides-on ${"x".repeat(4_096)}`,
      "p proposed-by ada",
      "p status pending",
      "p status active",
    ]);
  });

  test("more facts than a message takes are several commits", () => {
    const recorded = recorder();
    const { said, take } = course();
    const actions = take(
      recorded(host, "leaf-1", deployed(Array.from({ length: 1_200 }, (_, node) => `node-${node}`))),
    );
    expect(actions).toHaveLength(4);
    expect(new Set(actions.map((action) => ("step" in action ? action.step : ""))).size).toBe(4);
    expect(said).toHaveLength(1_202);
  });

  test("the work for a dialog grows as its participants do", () => {
    const steps = (length: number): number => {
      const participants = Array.from({ length }, (_, index) => `p${index}`);
      const opened = recorder()(dialog, "d", {
        type: "dialog-opened",
        data: { type: "group", topic: "t", participants, routing: "broadcast", openedBy: "ada" },
      });
      return elementsCopied(() => {
        const state = systemKnowledge.evolve(systemKnowledge.initial, opened);
        systemKnowledge.react(state, opened);
      });
    };
    expect(steps(2_000)).toBeGreaterThan(2_000);
    expect(steps(20_000)).toBeLessThan(12 * steps(2_000));
  });

  test("what runs on a host, and no longer", () => {
    const recorded = recorder();
    const { said, take, ids } = course();
    const own = space("system");
    const confirm = (subject: string) => {
      own.give(assert(subject, "runs-on", "leaf-1"), "system-knowledge");
      const event = own.events.at(-1);
      if (event?.type !== "fact-asserted") throw new Error("not asserted");
      ids.set(event.data.id, `${subject} runs-on leaf-1`);
      take(recorded(knowledge, "system", event, "system-knowledge"));
    };
    take(recorded(host, "leaf-1", deployed(["web", "db"])));
    confirm("web");
    confirm("db");
    take(recorded(host, "leaf-1", deployed(["web", "cache"], "d2")));
    expect(said).toContain("web runs-on leaf-1");
    expect(said).toContain("not db runs-on leaf-1");
    expect(said.filter((one) => one === "web runs-on leaf-1")).toHaveLength(1);
    // A fact that comes back from the log when it is not true any more.
    take(recorded(host, "leaf-1", deployed(["web"], "d3")));
    confirm("cache");
    expect(said.at(-1)).toBe("not cache runs-on leaf-1");
  });

  test("a drift, while it lasts", () => {
    const recorded = recorder();
    const { said, take } = course();
    take(
      recorded(host, "leaf-1", {
        type: "host-drift-detected",
        data: { drift: 1, kind: "unit", unit: "web.service", expected: "active", observed: "failed", detail: "failed" },
      }),
    );
    expect(said).toEqual(["leaf-1 drifts-in unit web.service"]);
  });
});

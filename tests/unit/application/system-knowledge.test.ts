import { describe, expect, test } from "@jest/globals";
import type { Action } from "../../../src/application/process-manager.ts";
import { systemKnowledge } from "../../../src/application/processes/system-knowledge.ts";
import { deployment } from "../../../src/domain/deployment/decider.ts";
import { host } from "../../../src/domain/host/decider.ts";
import type { RecordedEvent } from "../../../src/domain/kernel/mod.ts";
import { knowledge } from "../../../src/domain/knowledge/decider.ts";
import { assert, space } from "../domain/knowledge/fixtures.ts";
import { recorder } from "./recorded.ts";

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
      if (action.command === "assert-fact") said.push(`${payload.subject} ${payload.predicate} ${payload.object}`);
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
    expect(commands).toEqual(["configure", "assert-fact"]);
    const later = take(recorded(deployment, "d", { type: "deployment-succeeded", data: {} }));
    expect(later).toHaveLength(1);
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

import { describe, expect, test } from "@jest/globals";
import { Result, Schema } from "effect";
import { agentCommands } from "../../../../src/domain/agent/contract.ts";
import { agent } from "../../../../src/domain/agent/decider.ts";
import type { Role } from "../../../../src/domain/kernel/mod.ts";
import { specification } from "../../../support/specification.ts";

const known = {
  roles: new Set<Role>(["voter", "deployer"]),
  capabilities: new Set<string>(),
  guarded: new Set<string>(),
};
const { given } = specification(agent, { aggregateId: "reviewer", principal: "reviewer", known });

const profile = { name: "Reviewer", capabilities: ["review", "security"], maxConcurrentTasks: 2 };
const register = { type: "register", payload: profile } as const;
const registered = { type: "agent-registered", data: profile } as const;
const online = { type: "presence-changed", data: { status: "online", previous: "offline" } } as const;
const deregistered = { type: "agent-deregistered", data: {} } as const;
const nothing = Result.succeed([]);

describe("registering", () => {
  test("makes an agent known by what it says", () => {
    expect(given([]).when(register)).toEqual(Result.succeed([registered]));
  });
  test("with the same profile changes nothing", () => {
    expect(given([registered, online]).when(register)).toEqual(nothing);
  });
  test("again replaces the whole profile", () => {
    const payload = { capabilities: ["deploy"], maxConcurrentTasks: 1 };
    expect(given([registered]).when({ type: "register", payload })).toEqual(
      Result.succeed([{ type: "agent-registered", data: payload }]),
    );
    expect(
      specification(agent, { known: undefined }).stateAfter([registered, { type: "agent-registered", data: payload }]),
    ).toEqual({
      registered: true,
      status: "offline",
      ...payload,
    });
  });
  test("is possible after deregistering", () => {
    expect(given([registered, deregistered]).when(register)).toEqual(Result.succeed([registered]));
  });
  test("defaults to one task at a time", () => {
    const decoded = Schema.decodeUnknownSync(agentCommands.register.schema)({ capabilities: [] });
    expect(decoded).toEqual({ capabilities: [], maxConcurrentTasks: 1 });
  });
  test.each([
    ["a capability twice", { capabilities: ["a", "a"] }],
    ["a capability twice, once with a version", { capabilities: ["a", { name: "a", version: "1" }] }],
    ["an empty capability", { capabilities: [""] }],
    ["a version that is none", { capabilities: [{ name: "a", version: "newest" }] }],
    ["a capability for no tasks at all", { capabilities: [{ name: "a", maxConcurrent: 0 }] }],
    ["no tasks at all", { capabilities: [], maxConcurrentTasks: 0 }],
    ["half a task", { capabilities: [], maxConcurrentTasks: 1.5 }],
    ["a key that is no nkey", { capabilities: [], publicKey: "secret" }],
  ])("refuses %s", (_, payload) => {
    expect(Schema.decodeUnknownExit(agentCommands.register.schema)(payload)._tag).toBe("Failure");
  });
});

describe("capabilities", () => {
  const update = { type: "update-capabilities", payload: { capabilities: ["deploy"] } } as const;

  test("are replaced; the limit stays where it is not named", () => {
    expect(given([registered]).when(update)).toEqual(
      Result.succeed([{ type: "capabilities-updated", data: { capabilities: ["deploy"], maxConcurrentTasks: 2 } }]),
    );
  });
  test("that are the same are no event", () => {
    const same = { type: "update-capabilities", payload: { capabilities: profile.capabilities } } as const;
    expect(given([registered]).when(same)).toEqual(nothing);
  });
  test("are not those of an agent that has deregistered or never was", () => {
    expect(given([registered, deregistered]).refuses(update)).toBe("not-registered");
    expect(given([]).refuses(update)).toBe("not-found");
  });
});

describe("capabilities with versions and limits", () => {
  const payload = {
    capabilities: ["review", { name: "plan", version: "2.1", maxConcurrent: 3 }, { name: "dig" }],
    maxConcurrentTasks: 4,
  };
  const data = {
    capabilities: ["review", "plan", "dig"],
    capabilityDetails: { plan: { version: "2.1", maxConcurrent: 3 } },
    maxConcurrentTasks: 4,
  };

  test("are known by their names, with the details beside them", () => {
    expect(given([]).when({ type: "register", payload })).toEqual(Result.succeed([{ type: "agent-registered", data }]));
    expect(given([{ type: "agent-registered", data }]).when({ type: "register", payload })).toEqual(nothing);
  });
  test("are replaced as a whole", () => {
    const update = { type: "update-capabilities", payload: { capabilities: ["plan"] } } as const;
    const updated = { type: "capabilities-updated", data: { capabilities: ["plan"], maxConcurrentTasks: 4 } } as const;
    expect(given([{ type: "agent-registered", data }]).when(update)).toEqual(Result.succeed([updated]));
    expect(given([{ type: "agent-registered", data }, updated]).when(update)).toEqual(nothing);
  });
});

describe("instances", () => {
  const of = (instance: string) => ({ type: "agent-registered", data: { ...profile, instance } }) as const;

  test("the one that registers last is the agent", () => {
    expect(given([of("one")]).when({ type: "register", payload: { ...profile, instance: "two" } })).toEqual(
      Result.succeed([of("two")]),
    );
    expect(given([of("one")]).when({ type: "register", payload: { ...profile, instance: "one" } })).toEqual(nothing);
  });
  test("one that was replaced cannot take the agent out of service", () => {
    const deregister = (instance: string) => ({ type: "deregister", payload: { instance } }) as const;
    expect(given([of("one"), of("two")]).refuses(deregister("one"))).toBe("replaced");
    expect(given([of("one"), of("two")]).when(deregister("two"))).toEqual(Result.succeed([deregistered]));
    expect(given([registered]).when(deregister("one"))).toEqual(Result.succeed([deregistered]));
  });
});

describe("presence", () => {
  const beat = { type: "record-presence", payload: { status: "online" } } as const;

  test("is offline until the first heartbeat", () => {
    expect(given([registered]).when(beat)).toEqual(Result.succeed([online]));
  });
  test("that did not change is no event", () => {
    expect(given([registered, online]).when(beat)).toEqual(nothing);
  });
  test("survives registering again", () => {
    expect(given([registered, online, { ...registered, data: { ...profile, instance: "2" } }]).when(beat)).toEqual(
      nothing,
    );
  });
  test("ends with a departure: who is out of service is offline, whatever is heard of it", () => {
    expect(given([registered, online, deregistered]).when(beat)).toEqual(nothing);
    expect(given([registered, online, deregistered, registered]).when(beat)).toEqual(Result.succeed([online]));
  });
  test("cannot be claimed from outside", () => {
    expect(agentCommands["record-presence"].audience).toBe("internal");
  });
});

describe("deregistering", () => {
  const deregister = { type: "deregister", payload: {} } as const;

  test("takes the agent out of service once", () => {
    expect(given([registered]).when(deregister)).toEqual(Result.succeed([deregistered]));
    expect(given([registered, deregistered]).when(deregister)).toEqual(nothing);
  });
});

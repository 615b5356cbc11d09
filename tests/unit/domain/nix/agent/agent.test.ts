import { describe, expect, test } from "@jest/globals";
import type { Edge, ManagesEdge } from "../../../../../src/domain/graph/edge.ts";
import type { AgentNode } from "../../../../../src/domain/graph/node.ts";
import { specify } from "../../../../../src/domain/nix/mod.ts";
import { graph, host, nats, runsOn, service } from "../graphs.ts";
import { configurations } from "../rendering.ts";

const agent = (id: string, more: Partial<AgentNode> = {}): AgentNode => ({
  id,
  type: "agent",
  capabilities: ["help"],
  ...more,
});
const manages = (from: string, to: string, ...permissions: ManagesEdge["permissions"]): Edge => ({
  from,
  to,
  type: "manages",
  permissions,
});
const unitOf = (...parameters: Parameters<typeof graph>) =>
  configurations(graph(...parameters))["leaf-1"]?.systemd?.services?.ops;

describe("agent", () => {
  test("becomes a service of the same name that runs the program of the same name", () => {
    const unit = unitOf([host("leaf-1"), agent("ops")]);
    expect(unit).toMatchObject({
      wantedBy: ["multi-user.target"],
      environment: {
        CIM_AGENT_ID: "ops",
        CIM_AGENT_CAPABILITIES: '["help"]',
        CIM_AGENT_SUBSCRIPTIONS: "[]",
      },
      serviceConfig: { ExecStart: "/run/current-system/sw/bin/ops", DynamicUser: true, User: "ops", Restart: "always" },
    });
    expect(unit?.serviceConfig).not.toHaveProperty("LoadCredential");
  });

  test("finds what the graph says of it in its environment, exactly", () => {
    const more = {
      command: "/opt/ops",
      capabilities: ['say "hi"', "100%"],
      subscriptions: ["a.>"],
      rateLimit: { requestsPerSecond: 0.5, burstSize: 3 },
      resources: { memoryMb: 64 },
    };
    expect(unitOf([host("leaf-1"), agent("ops", more)])).toMatchObject({
      environment: {
        CIM_AGENT_CAPABILITIES: '["say \\"hi\\"","100%%"]',
        CIM_AGENT_SUBSCRIPTIONS: '["a.>"]',
        CIM_RATE_LIMIT_REQUESTS_PER_SECOND: "0.5",
        CIM_RATE_LIMIT_BURST: "3",
      },
      serviceConfig: { ExecStart: "/opt/ops", MemoryMax: "64M" },
    });
  });

  test("finds its bus, and proves itself with a password from a file where it has rights there", () => {
    const rateLimit = { requestsPerSecond: 5, burstSize: 10 };
    const unit = unitOf([host("leaf-1"), nats("bus"), agent("ops")], {
      from: "ops",
      to: "bus",
      type: "publishes-to",
      topic: "orders",
      rateLimit,
    });
    expect(unit).toMatchObject({
      environment: {
        NATS_URL: "nats://127.0.0.1:4222",
        NATS_USER: "ops",
        NATS_PASSWORD_FILE: "%d/bus.password",
        CIM_TOPIC_RATE_LIMITS: JSON.stringify([{ topic: "orders", rateLimit }]),
      },
      serviceConfig: { LoadCredential: ["bus.password:/run/secrets/cim/bus/ops.password"] },
    });
  });

  test("reaches a bus on other hosts by their addresses, with TLS where its edge says so", () => {
    const document = graph(
      [host("leaf-1"), host("leaf-2"), host("leaf-3", { address: "fd00::3" }), nats("bus"), agent("ops")],
      [...runsOn("ops", "leaf-1"), ...runsOn("bus", "leaf-2", "leaf-3")],
      { from: "ops", to: "bus", type: "connects-to", protocol: "nats", encrypted: true },
    );
    const environment = configurations(document)["leaf-1"]?.systemd?.services?.ops?.environment;
    expect(environment).toMatchObject({ NATS_URL: "tls://10.0.0.2:4222,tls://[fd00::3]:4222" });
    expect(environment).not.toHaveProperty("NATS_USER");
  });

  test("needs its password on its own host too", () => {
    const document = graph(
      [host("leaf-1"), host("leaf-2"), nats("bus"), agent("ops", { subscriptions: ["a"] })],
      [...runsOn("ops", "leaf-1"), ...runsOn("bus", "leaf-2")],
      { from: "ops", to: "bus", type: "connects-to", protocol: "nats" },
    );
    const secret = { path: "/run/secrets/cim/bus/ops.password", content: "the password of ops on bus, one line" };
    expect([...specify(document)].map(({ secrets }) => secrets)).toEqual([
      [{ ...secret, node: "ops" }],
      [{ ...secret, node: "bus" }],
    ]);
  });

  test("may start and stop exactly the units that it manages on its host, and knows the rest", () => {
    const document = graph(
      [host("leaf-1"), host("leaf-2"), service("web"), service("far"), agent("ops"), agent("dev")],
      [...runsOn("ops", "leaf-1"), ...runsOn("dev", "leaf-1"), ...runsOn("web", "leaf-1"), ...runsOn("far", "leaf-2")],
      manages("ops", "web", "start", "restart", "scale"),
      manages("ops", "far", "stop"),
      manages("dev", "web", "monitor"),
    );
    const leaf = configurations(document)["leaf-1"];
    expect(leaf?.systemd?.services?.ops?.environment?.CIM_AGENT_MANAGES).toBe(
      JSON.stringify([
        { node: "far", permissions: ["stop"] },
        { node: "web", permissions: ["start", "restart", "scale"] },
      ]),
    );
    expect(leaf?.security?.polkit?.enable).toBe(true);
    const asked = (user: string, unit: string, verb: string, id = "org.freedesktop.systemd1.manage-units") =>
      answerOf(String(leaf?.security?.polkit?.extraConfig), user, { id, unit, verb });
    expect(asked("ops", "web.service", "start")).toBe("yes");
    expect(asked("ops", "web.service", "restart")).toBe("yes");
    expect(asked("ops", "web.service", "stop")).toBeUndefined();
    expect(asked("ops", "far.service", "stop")).toBeUndefined();
    expect(asked("ops", "sshd.service", "start")).toBeUndefined();
    expect(asked("dev", "web.service", "start")).toBeUndefined();
    expect(asked("ops", "web.service", "start", "org.freedesktop.systemd1.manage-unit-files")).toBeUndefined();
  });

  test("needs no polkit where there is nothing that it may start or stop", () => {
    expect(configurations(graph([host("leaf-1"), agent("ops")]))["leaf-1"]).not.toHaveProperty("security");
  });

  test("has a user of a length that users can have, which its rights go by", () => {
    const id = "an-agent-with-a-name-that-is-too-long";
    const leaf = configurations(graph([host("leaf-1"), service("web"), agent(id)], manages(id, "web", "start")))[
      "leaf-1"
    ];
    const user = leaf?.systemd?.services?.[id]?.serviceConfig?.User;
    expect(user).toMatch(/^an-agent-with-a-name-t-[0-9a-z]{8}$/);
    expect(leaf?.security?.polkit?.extraConfig).toContain(`"user":"${user}"`);
  });
});

/** What polkit would answer: it runs the rules as JavaScript. */
const answerOf = (
  rules: string,
  user: string,
  { id, ...details }: { readonly id: string; readonly unit: string; readonly verb: string },
): unknown => {
  type Rule = (action: unknown, subject: { readonly user: string }) => unknown;
  const added: Array<Rule> = [];
  const polkit = { addRule: (rule: Rule) => added.push(rule), Result: { YES: "yes", NOT_HANDLED: undefined } };
  new Function("polkit", rules)(polkit);
  const action = { id, lookup: (name: string) => new Map(Object.entries(details)).get(name) };
  return added.map((rule) => rule(action, { user })).find((answer) => answer !== undefined);
};

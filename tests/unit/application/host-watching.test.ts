import { describe, expect, test } from "@jest/globals";
import type { Action } from "../../../src/application/action.ts";
import { hostWatching } from "../../../src/application/processes/host-watching/mod.ts";
import { deployment } from "../../../src/domain/deployment/decider.ts";
import { host } from "../../../src/domain/host/decider.ts";
import type { EventOf, RecordedEvent } from "../../../src/domain/kernel/mod.ts";
import { task } from "../../../src/domain/task/decider.ts";
import { requested } from "../domain/deployment/fixtures.ts";
import { reactionsTo, recorder } from "./recorded.ts";

type HostEvent = EventOf<typeof host.events>;
type DeploymentEvent = EventOf<typeof deployment.events>;

const check = { node: "web", kind: "tcp", port: 80, intervalSeconds: 1, timeoutSeconds: 1, retries: 0 } as const;
const enrolled = (graph = "shop"): HostEvent => ({
  type: "host-enrolled",
  data: { address: "10.0.0.1", system: "x86_64-linux", target: "simulated", graph },
});
const deployed = (deploymentId: string, closure: string, graph = "shop"): HostEvent => ({
  type: "host-deployed",
  data: {
    deployment: deploymentId,
    closure,
    previous: "/old",
    placement: { graph, graphVersion: 1, nodes: [{ node: "web", units: ["web.service"] }], checks: [check] },
  },
});
const began: DeploymentEvent = { type: "deploying-started", data: { task: "t" } };
const succeeded: DeploymentEvent = { type: "deployment-succeeded", data: {} };
const rolledBack: DeploymentEvent = { type: "deployment-rolled-back", data: { hosts: ["back", "front"] } };
const rollback: DeploymentEvent = {
  type: "rollback-started",
  data: { reason: "unhealthy", phase: "deploying", attempt: 1, task: "t", hosts: ["back"] },
};

/** A log in which deployment d1 of the hosts `back` and `front` has just confirmed them. */
const story = () => {
  const record = recorder();
  const events: Array<RecordedEvent> = [];
  const log = {
    deployment: (event: DeploymentEvent, id = "d1") => events.push(record(deployment, id, event)),
    host: (id: string, event: HostEvent) => events.push(record(host, id, event)),
    task: (id: string, event: EventOf<typeof task.events>, actor = "monitor") =>
      events.push(record(task, id, event, actor)),
    /** What follows from the last event. */
    follows: (): ReadonlyArray<string> => reactionsTo(hostWatching, events).map(told),
    actions: () => reactionsTo(hostWatching, events),
  };
  log.deployment(requested);
  log.deployment(began);
  for (const id of ["back", "front"]) {
    log.host(id, enrolled());
    log.host(id, deployed("d1", `/${id}/d1`));
  }
  return log;
};

const told = (action: Action): string => {
  if (action.kind === "command") return `${action.command} ${action.id}`;
  if (action.kind === "schedule") return `${action.command.command} ${action.command.id} at ${action.at.slice(17, 19)}`;
  return `${action.kind} ${action.kind === "cancel-timer" ? action.timerId : ""}`;
};
const submitted = (payload = {}): EventOf<typeof task.events> => ({
  type: "task-submitted",
  data: {
    type: "watch",
    requiredCapabilities: ["monitor"],
    preferredCapabilities: [],
    priority: "low",
    payload,
    acknowledgeWithinSeconds: 5,
    maxAttempts: 5,
  },
});
const failed: EventOf<typeof task.events> = { type: "task-failed", data: { agent: "monitor", reason: "it died" } };

describe("the watch of a graph's hosts", () => {
  test("begins when a deployment has succeeded, and not before", () => {
    const log = story();
    expect(log.follows()).toEqual([]);
    log.deployment(succeeded);
    expect(log.follows()).toEqual(["submit shop=watch-simulated-1"]);
    expect(log.actions()[0]).toMatchObject({
      payload: {
        type: "watch",
        requiredCapabilities: ["monitor"],
        payload: {
          target: "simulated",
          hosts: ["back", "front"].map((id) => ({
            host: id,
            address: "10.0.0.1",
            closure: `/${id}/d1`,
            checks: [check],
          })),
        },
      },
    });
  });

  test("ends while another deployment changes the hosts, and goes on with what they should run then", () => {
    const log = story();
    log.deployment(succeeded);
    log.deployment(requested, "d2");
    expect(log.follows()).toEqual([]);
    log.deployment(began, "d2");
    expect(log.follows()).toEqual(["cancel shop=watch-simulated-1"]);
    log.host("back", deployed("d2", "/back/d2"));
    expect(log.follows()).toEqual([]);
    log.deployment(succeeded, "d2");
    expect(log.follows()).toEqual(["submit shop=watch-simulated-2"]);
    expect(JSON.stringify(log.actions())).toContain("/back/d2");
  });

  test("goes on with what ran before, where the deployment was rolled back", () => {
    const log = story();
    log.deployment(succeeded);
    log.deployment(requested, "d2");
    log.deployment(began, "d2");
    log.host("back", deployed("d2", "/back/d2"));
    log.deployment(rollback, "d2");
    log.host("back", { type: "host-reverted", data: { deployment: "d2", closure: "/back/d1" } });
    log.deployment(rolledBack, "d2");
    expect(log.follows()).toEqual(["submit shop=watch-simulated-2"]);
    expect(JSON.stringify(log.actions())).not.toContain("/back/d2");
  });

  test("learns what a host should run that is told of its rollback late", () => {
    const log = story();
    log.deployment(succeeded);
    log.deployment(rollback);
    log.deployment(rolledBack);
    expect(log.follows()).toEqual(["submit shop=watch-simulated-2"]);
    log.host("back", { type: "host-reverted", data: { deployment: "d1", closure: "/back/old" } });
    expect(log.follows()).toEqual(["cancel shop=watch-simulated-2", "submit shop=watch-simulated-3"]);
  });

  test("watches on where a deployment was called off before it began", () => {
    const log = story();
    log.deployment(succeeded);
    log.deployment(requested, "d2");
    log.deployment({ type: "deployment-cancelled", data: { by: "ada" } }, "d2");
    expect(log.follows()).toEqual([]);
  });

  test("lets go of a host that went to another graph", () => {
    const log = story();
    log.deployment(succeeded);
    log.host("front", deployed("x1", "/front/x1", "other"));
    expect(log.follows()).toEqual([
      "submit other=watch-simulated-1",
      "cancel shop=watch-simulated-1",
      "submit shop=watch-simulated-2",
    ]);
  });
});

describe("a watch that ends by itself", () => {
  test("is submitted again by a timer, after a pause that grows", () => {
    const log = story();
    log.deployment(succeeded);
    log.task("shop=watch-simulated-1", submitted(), "host-watching");
    log.task("shop=watch-simulated-1", failed);
    // The log's time is a second an event.
    expect(log.follows()).toEqual(["submit shop=watch-simulated-2 at 19"]);
    log.task("shop=watch-simulated-2", submitted(), "timers");
    expect(log.follows()).toEqual([]);
    log.task("shop=watch-simulated-2", failed);
    expect(log.follows()).toEqual(["submit shop=watch-simulated-3 at 31"]);
  });

  test("does not come back while a deployment changes the hosts, even where the timer was faster", () => {
    const log = story();
    log.deployment(succeeded);
    log.task("shop=watch-simulated-1", submitted(), "host-watching");
    log.task("shop=watch-simulated-1", failed);
    log.deployment(requested, "d2");
    log.deployment(began, "d2");
    expect(log.follows()).toEqual(["cancel-timer shop=watch-simulated-2-submit", "cancel shop=watch-simulated-2"]);
    log.task("shop=watch-simulated-2", submitted(), "timers");
    expect(log.follows()).toEqual(["cancel shop=watch-simulated-2"]);
  });

  test("goes on where its task has the id that older logs have for it", () => {
    const log = story();
    log.deployment(succeeded);
    log.task("shop-watch-simulated-4", submitted(), "host-watching");
    expect(log.follows()).toEqual([]);
    log.task("shop-watch-simulated-4", failed);
    expect(log.follows()).toEqual(["submit shop=watch-simulated-5 at 19"]);
  });

  test("is not led astray by tasks of others", () => {
    const log = story();
    log.deployment(succeeded);
    log.task("shop-watch-simulated-1", submitted(), "mallory");
    expect(log.follows()).toEqual([]);
    log.task("shop=watch-simulated-1", submitted(), "host-watching");
    log.task("shop=watch-simulated-1", failed);
    expect(log.follows()).toEqual(["submit shop=watch-simulated-2 at 20"]);
  });
});

test("what is reported of hosts leads to nothing", () => {
  const log = story();
  log.deployment(succeeded);
  log.host("back", {
    type: "host-state-reported",
    data: { closure: "/x", health: "unhealthy", failing: [], drift: true },
  });
  expect(log.follows()).toEqual([]);
});

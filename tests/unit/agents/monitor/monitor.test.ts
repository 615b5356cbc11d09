import { expect, test } from "@jest/globals";
import type { Accepted } from "../../../../src/agents/kit/mod.ts";
import { monitor } from "../../../../src/agents/monitor/monitor.ts";
import { check, type FakeHosts, fakeHosts, unreachable } from "../deployer/fake-hosts.ts";

const watch = (hosts: FakeHosts, seconds: number) => {
  const reports: Array<{ readonly host: string; readonly payload: object }> = [];
  const context = {
    task: {
      id: "d-monitor",
      type: "monitor",
      priority: "normal" as const,
      attempt: 1,
      payload: {
        deployment: "d",
        target: "simulated",
        seconds,
        hosts: ["a1", "a2"].map((host) => ({
          host,
          address: "10.0.0.1",
          closure: `new-${host}`,
          checks: [{ ...check(`web-${host}`, 1) }],
        })),
      },
    },
    signal: new AbortController().signal,
    client: {
      command: async (aggregate: string, id: string, _: string, payload: object): Promise<Accepted> => {
        reports.push({ host: id, payload });
        return { aggregate, id, version: 1, position: 1, commandId: "c", events: [], duplicate: false };
      },
    },
  };
  const outcome = monitor(context, { simulated: hosts.operator }, 0.01).then(
    () => "completed",
    (error: { message: string; data?: unknown }) => ({ reason: error.message, data: error.data }),
  );
  return { reports, outcome };
};

const deployed = () => {
  const hosts = fakeHosts();
  for (const host of ["a1", "a2"]) hosts.running.set(host, `new-${host}`);
  return hosts;
};
const well = (host: string) => ({
  host,
  payload: { closure: `new-${host}`, health: "healthy", failing: [], drift: false, deployment: "d" },
});

test("hosts that stay as they are complete the task, and are reported once", async () => {
  const { reports, outcome } = watch(deployed(), 0.1);
  expect(await outcome).toBe("completed");
  expect(reports).toEqual([well("a1"), well("a2")]);
});

test("drift fails the task and is reported", async () => {
  const hosts = deployed();
  let looks = 0;
  hosts.before = (operation, host) => {
    if (operation === "current" && host === "a2") looks += 1;
    if (looks === 3) hosts.running.set("a2", "elsewhere");
  };
  const { reports, outcome } = watch(hosts, 60);
  const detail = "it runs elsewhere, not new-a2";
  expect(await outcome).toEqual({ reason: "drift", data: { host: "a2", detail } });
  expect(reports.at(-1)).toMatchObject({ host: "a2", payload: { closure: "elsewhere", drift: true } });
});

test("a node that is not well after its retries fails the task and is named", async () => {
  const hosts = deployed();
  hosts.ill.add("web-a1");
  const { reports, outcome } = watch(hosts, 60);
  expect(await outcome).toEqual({
    reason: "unhealthy",
    data: { host: "a1", node: "web-a1", detail: "no answer (2 times)" },
  });
  expect(reports).toContainEqual({
    ...well("a1"),
    payload: { ...well("a1").payload, health: "unhealthy", failing: ["web-a1"] },
  });
});

test("a host that is away for a moment is reported and forgiven", async () => {
  const hosts = deployed();
  hosts.before = unreachable("current", "a1", 3);
  const { reports, outcome } = watch(hosts, 0.01);
  expect(await outcome).toBe("completed");
  expect(reports.filter(({ host }) => host === "a1")).toEqual([
    { host: "a1", payload: { health: "unreachable", failing: [], drift: false, deployment: "d" } },
    well("a1"),
  ]);
});

test("a host that stays away is unhealthy", async () => {
  const hosts = deployed();
  hosts.before = unreachable("current", "a1", Number.POSITIVE_INFINITY);
  const { outcome } = watch(hosts, 0.01);
  expect(await outcome).toMatchObject({ reason: "unhealthy", data: { host: "a1" } });
});

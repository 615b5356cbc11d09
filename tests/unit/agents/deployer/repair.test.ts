import { describe, expect, test } from "@jest/globals";
import { operate, repair } from "../../../../src/agents/deployer/repair.ts";
import { type FakeHosts, fakeHosts, unreachable } from "./fake-hosts.ts";

const where = { host: "a1", address: "10.0.0.1", target: "simulated" };
const context = (type: string, payload: Readonly<Record<string, string | ReadonlyArray<string>>>) => ({
  task: { id: "t", type, priority: "high" as const, attempt: 1, payload: { ...where, ...payload } },
  signal: new AbortController().signal,
});
const repairing = (hosts: FakeHosts, payload: Readonly<Record<string, string>>, seconds = 5) =>
  repair(context("repair", { deployment: "d1", closure: "right", ...payload }), () => hosts.operator, seconds);

describe("a repair", () => {
  test("makes the host run the closure that it should", async () => {
    const hosts = fakeHosts();
    expect(await repairing(hosts, { kind: "closure" })).toEqual({ host: "a1", closure: "right" });
    expect(hosts.running.get("a1")).toBe("right");
    expect(hosts.log).toEqual(["revert a1"]);
  });
  test("fails where the host then runs something else", async () => {
    const hosts = fakeHosts();
    const operator = { ...hosts.operator, revert: async () => "wrong" };
    const outcome = repair(context("repair", { deployment: "d1", kind: "boot", closure: "right" }), () => operator, 5);
    await expect(outcome).rejects.toMatchObject({
      message: "repair-failed",
      data: { host: "a1", detail: "it runs wrong, not right" },
    });
  });
  test("restarts a unit that has failed, and sees whether it stays up", async () => {
    const hosts = fakeHosts();
    expect(await repairing(hosts, { kind: "unit", unit: "web.service" })).toEqual({ host: "a1", unit: "web.service" });
    expect(hosts.log).toEqual(["restart web.service a1", "observe a1"]);
    const operator = { ...hosts.operator, observe: async () => ({ closure: "right", failedUnits: ["web.service"] }) };
    const again = repair(
      context("repair", { deployment: "d1", kind: "unit", unit: "web.service", closure: "right" }),
      () => operator,
      5,
    );
    await expect(again).rejects.toMatchObject({ message: "repair-failed" });
  });
  test("waits for a host that is away for a moment, and says where it stays away", async () => {
    const hosts = fakeHosts();
    hosts.before = unreachable("revert", "a1", 1);
    expect(await repairing(hosts, { kind: "closure" })).toMatchObject({ closure: "right" });
    hosts.before = unreachable("revert", "a1", Number.POSITIVE_INFINITY);
    await expect(repairing(hosts, { kind: "closure" }, 0)).rejects.toMatchObject({ message: "unreachable" });
  });
});

test("an operation is done on every unit of the node, in order", async () => {
  const hosts = fakeHosts();
  const payload = { action: "restart", node: "watcher", units: ["prometheus.service", "grafana.service"] };
  expect(await operate(context("operate", payload), () => hosts.operator, 5)).toEqual({
    host: "a1",
    action: "restart",
    units: payload.units,
  });
  expect(hosts.log).toEqual(["restart prometheus.service a1", "restart grafana.service a1"]);
});

test("an operation that is not understood says so", async () => {
  await expect(operate(context("operate", { action: "explode" }), () => fakeHosts().operator, 5)).rejects.toThrow(
    "this is not the payload of a task operate",
  );
});

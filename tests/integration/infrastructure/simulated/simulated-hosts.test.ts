import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import type { Operator } from "../../../../src/contract/hosts.ts";
import type { HostState } from "../../../../src/infrastructure/simulated/host-state.ts";
import { parseFault, SimulatedHosts } from "../../../../src/infrastructure/simulated/mod.ts";
import { SimulatedHostStore } from "../../../../src/infrastructure/simulated/store.ts";
import { operatorContract } from "../../../support/contracts/operator.contract.ts";
import { type TestNats, testNats } from "../../../support/nats.ts";

let nats: TestNats;
let nc: NatsConnection;
let prefix: string;
let prefixes = 0;
let now = 0;

const { signal } = new AbortController();
const leaf = { host: "leaf-1", address: "10.0.0.1" };
const check = { node: "web", kind: "tcp", intervalSeconds: 1, timeoutSeconds: 1, retries: 0 } as const;
const provision = (previous: string) => ({ deployment: "d", previous, confirmWithinSeconds: 10 });
const flake = { digest: "x", files: { "hosts/leaf-1.nix": "one" } };

beforeAll(async () => {
  nats = await testNats();
  nc = await connect({ servers: nats.url });
});
afterAll(async () => {
  await nc.close();
  await nats.dispose();
});
beforeEach(() => {
  prefixes += 1;
  prefix = `${nats.prefix}s${prefixes}`;
  now = 1_000_000;
});

const open = () => SimulatedHosts.open(nc, prefix, { stepMilliseconds: 1, now: () => now });
const asOperator = (hosts: SimulatedHosts): Operator => hosts;
const running = async (operator: Operator) => (await operator.current(leaf, signal)).closure;

/** A host with the flake's closure provisionally activated. */
const activated = async () => {
  const hosts = await open();
  const operator = asOperator(hosts);
  const previous = await running(operator);
  const closure = await operator.build({ deployment: "d", host: leaf, flake }, signal);
  await operator.copy(leaf, closure, { deployment: "d" }, signal);
  await operator.activate(leaf, closure, provision(previous), signal);
  return { hosts, operator, previous, closure };
};

describe("the operator of simulated hosts", () => {
  operatorContract(async () => {
    const hosts = await SimulatedHosts.open(nc, `${nats.prefix}c`, { stepMilliseconds: 1 });
    const ill = parseFault("ill@leaf-1");
    await hosts.setFaults([ill]);
    return {
      operator: hosts,
      host: leaf,
      flakes: [flake, { digest: "y", files: { "hosts/leaf-1.nix": "two" } }],
      well: check,
      ill: { ...check, node: "ill" },
      goesBackAfter: 3,
      cut: () => hosts.setFaults([parseFault("vanish:leaf-1@current")]),
      heal: () => hosts.setFaults([ill]),
    };
  }, 400_000);
});

describe("a provisional activation", () => {
  test("runs at once, and stays when it is confirmed in time", async () => {
    const { operator, previous, closure } = await activated();
    expect(closure).not.toBe(previous);
    expect(await running(operator)).toBe(closure);
    await operator.confirm(leaf, closure, { deployment: "d", activation: "switch" }, signal);
    now += 60_000;
    expect(await running(operator)).toBe(closure);
  });

  test("is gone when it was not confirmed in time, also for a process that starts later", async () => {
    const { previous, closure } = await activated();
    now += 9_999;
    expect(await running(asOperator(await open()))).toBe(closure);
    now += 1;
    const later = asOperator(await open());
    expect(await running(later)).toBe(previous);
    await expect(later.confirm(leaf, closure, { deployment: "d", activation: "switch" }, signal)).rejects.toMatchObject(
      {
        name: "StepFailed",
      },
    );
  });

  test("of what already runs changes nothing", async () => {
    const { operator, closure } = await activated();
    await operator.confirm(leaf, closure, { deployment: "d", activation: "switch" }, signal);
    await operator.activate(leaf, closure, provision(closure), signal);
    now += 60_000;
    expect(await running(operator)).toBe(closure);
  });

  test("is undone by a revert, for good", async () => {
    const { operator, previous, closure } = await activated();
    await operator.confirm(leaf, closure, { deployment: "d", activation: "switch" }, signal);
    expect(await operator.revert(leaf, previous, { deployment: "d" }, signal)).toBe(previous);
    now += 60_000;
    expect(await running(operator)).toBe(previous);
  });
});

describe("faults", () => {
  test("a node is unhealthy on the host that is named, from when it is said until it is taken back", async () => {
    const hosts = await open();
    expect(await asOperator(hosts).check(leaf, check, signal)).toEqual({ ok: true });
    await (await open()).setFaults([parseFault("web@leaf-1")]);
    expect(await asOperator(hosts).check(leaf, check, signal)).toMatchObject({ ok: false });
    expect(await asOperator(hosts).check({ ...leaf, host: "leaf-2" }, check, signal)).toEqual({ ok: true });
    expect(await asOperator(hosts).check(leaf, { ...check, node: "db" }, signal)).toEqual({ ok: true });
    await hosts.setFaults([]);
    expect(await asOperator(hosts).check(leaf, check, signal)).toEqual({ ok: true });
  });

  test("a build and an activation fail, and the host runs what it ran", async () => {
    const hosts = await open();
    const operator = asOperator(hosts);
    await hosts.setFaults([parseFault("build-fails:leaf-1"), parseFault("activation-fails:leaf-1")]);
    const before = await running(operator);
    const failed = { name: "StepFailed" };
    await expect(operator.build({ deployment: "d", host: leaf, flake }, signal)).rejects.toMatchObject(failed);
    await expect(operator.activate(leaf, "other", provision(before), signal)).rejects.toMatchObject(failed);
    expect(await running(operator)).toBe(before);
  });

  test("a host vanishes once, at the step that is named, for the time that is named", async () => {
    const hosts = await open();
    const operator = asOperator(hosts);
    await hosts.setFaults([parseFault("vanish:leaf-1@check:5")]);
    const gone = { name: "HostUnreachable" };
    await running(operator);
    await expect(operator.check(leaf, check, signal)).rejects.toMatchObject(gone);
    now += 4_999;
    await expect(running(operator)).rejects.toMatchObject(gone);
    now += 1;
    await running(operator);
    expect(await operator.check(leaf, check, signal)).toEqual({ ok: true });
  });

  test("a host that vanished for good answers when the faults are set anew", async () => {
    const hosts = await open();
    await hosts.setFaults([parseFault("vanish:leaf-1@current")]);
    await expect(running(hosts)).rejects.toMatchObject({ name: "HostUnreachable" });
    now += 1_000_000;
    await expect(running(hosts)).rejects.toMatchObject({ name: "HostUnreachable" });
    await hosts.setFaults([]);
    await running(hosts);
  });
});

describe("what happens to a host that nobody deploys to", () => {
  /** A host that runs what was deployed, for good. */
  const confirmed = async () => {
    const { hosts, operator, closure } = await activated();
    await operator.confirm(leaf, closure, { deployment: "d", activation: "switch" }, signal);
    return { hosts, operator, closure };
  };

  test("somebody lets it run another system, once, and a reboot would undo that", async () => {
    const { hosts, operator, closure } = await confirmed();
    expect(await operator.observe(leaf, signal)).toMatchObject({
      closure,
      boot: closure,
      generation: 2,
      failedUnits: [],
    });
    await hosts.setFaults([parseFault("drift:leaf-1")]);
    const drifted = await operator.observe(leaf, signal);
    expect(drifted.closure).not.toBe(closure);
    expect(drifted.boot).toBe(closure);
    expect(await operator.revert(leaf, closure, { deployment: "d" }, signal)).toBe(closure);
    expect(await operator.observe(leaf, signal)).toMatchObject({ closure, boot: closure, generation: 2 });
  });

  test("it is started again, into another generation", async () => {
    const { hosts, operator, closure } = await confirmed();
    await hosts.setFaults([parseFault("reboot:leaf-1")]);
    now += 5_000;
    const rebooted = await operator.observe(leaf, signal);
    expect(rebooted).toMatchObject({ boot: rebooted.closure, generation: 3, uptimeSeconds: 0 });
    expect(rebooted.closure).not.toBe(closure);
  });

  test("a unit fails until it is started, and its node is not well meanwhile", async () => {
    const { hosts, operator } = await confirmed();
    await hosts.setFaults([parseFault("unit-failed:web@leaf-1")]);
    expect((await operator.observe(leaf, signal)).failedUnits).toEqual(["web.service"]);
    expect(await operator.check(leaf, check, signal)).toMatchObject({ ok: false });
    await operator.operate(leaf, { action: "restart", unit: "web.service" }, signal);
    expect((await operator.observe(leaf, signal)).failedUnits).toEqual([]);
    expect(await operator.check(leaf, check, signal)).toEqual({ ok: true });
  });

  test("a unit that is stopped has not failed, and runs again with the next system", async () => {
    const { operator } = await confirmed();
    await operator.operate(leaf, { action: "stop", unit: "web.service" }, signal);
    expect((await operator.observe(leaf, signal)).failedUnits).toEqual([]);
    expect(await operator.check(leaf, check, signal)).toMatchObject({ ok: false });
    await operator.activate(leaf, "other", provision("x"), signal);
    expect(await operator.check(leaf, check, signal)).toEqual({ ok: true });
  });
});

test("two that change a host at once do not lose each other's change", async () => {
  const stores = await Promise.all([SimulatedHostStore.open(nc, prefix), SimulatedHostStore.open(nc, prefix)]);
  const count = (state: HostState) => ({ ...state, running: String((Number(state.running) || 0) + 1) });
  await Promise.all(stores.flatMap((store) => Array.from({ length: 5 }, () => store.update("leaf-1", count))));
  expect(await running(await open())).toBe("10");
});

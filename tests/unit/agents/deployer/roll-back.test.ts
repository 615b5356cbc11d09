import { expect, test } from "@jest/globals";
import { operatorFor } from "../../../../src/agents/deployer/deployer.ts";
import { rollBack } from "../../../../src/agents/deployer/roll-back.ts";
import { type FakeHosts, fakeHosts, unreachable } from "./fake-hosts.ts";
import { type FakeBackend, fakeBackend } from "./fake-task.ts";

const run = (backend: FakeBackend, hosts: FakeHosts, names: ReadonlyArray<string>, seconds = 1) => {
  const context = backend.context([]);
  const payload = {
    deployment: "d",
    target: "simulated",
    hosts: names.map((host) => ({ host, address: "10.0.0.1", previous: `old-${host}`, closure: `new-${host}` })),
  };
  const task = { ...context.task, type: "roll-back", payload };
  return rollBack({ ...context, task }, operatorFor({ simulated: hosts.operator }), seconds);
};

test("every host runs its previous closure again, in the given order", async () => {
  const backend = fakeBackend();
  const hosts = fakeHosts();
  for (const host of ["a1", "a2", "b1"]) hosts.running.set(host, `new-${host}`);
  expect(await run(backend, hosts, ["b1", "a2", "a1"])).toEqual({ reverted: ["b1", "a2", "a1"], unreachable: [] });
  expect(hosts.log).toEqual(["revert b1", "revert a2", "revert a1"]);
  expect(backend.reports).toEqual(["b1 reverted", "a2 reverted", "a1 reverted"]);
  expect(Object.fromEntries(hosts.running)).toEqual({ a1: "old-a1", a2: "old-a2", b1: "old-b1" });
});

test("a host that is away for a moment goes back after the others", async () => {
  const backend = fakeBackend();
  const hosts = fakeHosts();
  hosts.before = unreachable("revert", "b1", 2);
  expect(await run(backend, hosts, ["b1", "a1"])).toEqual({ reverted: ["a1", "b1"], unreachable: [] });
});

test("a host that is cut off late is tried again all the same", async () => {
  const backend = fakeBackend();
  const hosts = fakeHosts();
  const cut = unreachable("revert", "b1", 1);
  hosts.before = async (...call) => {
    await new Promise((wake) => setTimeout(wake, 300));
    return cut(...call);
  };
  expect(await run(backend, hosts, ["b1"], 0.2)).toEqual({ reverted: ["b1"], unreachable: [] });
});

test("a host that stays away is reported, and never counted as restored", async () => {
  const backend = fakeBackend();
  const hosts = fakeHosts();
  hosts.before = unreachable("revert", "b1", Number.POSITIVE_INFINITY);
  expect(await run(backend, hosts, ["b1", "a1"], 0.3)).toEqual({ reverted: ["a1"], unreachable: ["b1"] });
  expect(backend.reports).toEqual(["a1 reverted", "b1 unreachable"]);
});

test("a host that then runs something else is not restored", async () => {
  const backend = fakeBackend();
  const hosts = fakeHosts();
  const operator = { ...hosts.operator, revert: async () => "something-else" };
  expect(await run(backend, { ...hosts, operator }, ["a1"], 0.1)).toEqual({ reverted: [], unreachable: ["a1"] });
});

test("a refused report ends it", async () => {
  const backend = fakeBackend();
  const hosts = fakeHosts();
  backend.before = () => {
    throw new Error("refused");
  };
  await expect(run(backend, hosts, ["b1", "a1"])).rejects.toThrow("refused");
  expect(hosts.log).toEqual(["revert b1"]);
});

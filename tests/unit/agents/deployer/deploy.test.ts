import { describe, expect, test } from "@jest/globals";
import { deploy } from "../../../../src/agents/deployer/deploy.ts";
import type { Tell } from "../../../../src/agents/deployer/deploy-host.ts";
import { operatorFor } from "../../../../src/agents/deployer/deployer.ts";
import type { Client } from "../../../../src/agents/kit/mod.ts";
import {
  HostUnreachable,
  NeedsReboot,
  type Operator,
  StepFailed,
  type TargetHost,
} from "../../../../src/contract/hosts.ts";
import type { HostPlan } from "../../../../src/domain/deployment/waves.ts";
import { check, type FakeHosts, fakeHosts, unreachable, waveHost } from "./fake-hosts.ts";
import { allSteps, type FakeBackend, fakeBackend, usualSteps } from "./fake-task.ts";

type Waves = ReadonlyArray<ReadonlyArray<HostPlan>>;

/** Seconds. */
const patience = { reachWithinSeconds: 1, confirmationMarginSeconds: 60 };
const silent = () => () => undefined;

const run = (backend: FakeBackend, hosts: FakeHosts, waves: Waves, signal?: AbortSignal) =>
  deploy(backend.context(waves, signal), operatorFor({ simulated: hosts.operator }), patience, silent);
const failureOf = (running: Promise<unknown>) =>
  running.then(
    () => undefined,
    (error: { message: string; data?: unknown }) => ({ reason: error.message, data: error.data }),
  );
const one: Waves = [[waveHost("a1", [check("web")])]];

describe("a host", () => {
  test("goes through every step, each reported before the next one", async () => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    const order: Array<string> = [];
    hosts.before = (operation) => void order.push(operation);
    backend.before = (report) => void order.push(report);
    await run(backend, hosts, one);
    expect(order).toEqual([
      "current",
      "a1 recorded",
      "build",
      "a1 built",
      "copy",
      "a1 copied",
      "activate",
      "a1 activated",
      "check",
      "a1 healthy",
      "confirm",
      "a1 confirmed",
    ]);
    expect(backend.statuses.get("a1")).toEqual({
      id: "a1",
      status: "confirmed",
      previous: "old-a1",
      closure: "new-a1",
    });
  });

  test("that runs the system already, and is well, is not activated again, and that is said", async () => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    hosts.running.set("a1", "new-a1");
    Object.assign(hosts.operator, { outdated: async () => ["kernel"] });
    const context = backend.context(one);
    const told: Array<unknown> = [];
    const progress: typeof context.progress = (report) => {
      told.push(report.data);
      return context.progress(report);
    };
    await deploy({ ...context, progress }, operatorFor({ simulated: hosts.operator }), patience, silent);
    const done = ["current", "build", "current", "check", "check", "confirm"];
    expect(hosts.log).toEqual(done.map((operation) => `${operation} a1`));
    expect(backend.reports).toEqual(["a1 recorded", "a1 built", "a1 healthy", "a1 confirmed"]);
    expect(told[1]).toMatchObject({ detail: "unchanged: the host runs this system", rebootNeeded: ["kernel"] });
  });

  test("that runs the system already, but is not well, is activated again", async () => {
    const hosts = fakeHosts();
    hosts.running.set("a1", "new-a1");
    hosts.ill.add("web");
    hosts.before = (operation) => void (operation === "activate" && hosts.ill.clear());
    const backend = fakeBackend();
    await run(backend, hosts, one);
    expect(hosts.log).toContain("activate a1");
    expect(backend.reports).toContain("a1 activated");
  });

  test("whose programs print something is heard of before the step is reported, also where it fails", async () => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    const order: Array<string> = [];
    backend.before = (report) => void order.push(report);
    const operator: Operator = {
      ...hosts.operator,
      build: async (request, signal, log) => {
        log?.("compiling");
        return hosts.operator.build(request, signal);
      },
      copy: async (_host, _closure, _provision, _signal, log) => {
        log?.("copying");
        throw new StepFailed({ message: "no room" });
      },
    };
    const tellOf =
      (deployment: string): Tell =>
      ({ host, step, lines }) =>
        void order.push(`${deployment} ${host} ${step} | ${lines.join()}`);
    const running = deploy(backend.context(one), operatorFor({ simulated: operator }), patience, tellOf);
    expect(await failureOf(running)).toMatchObject({ reason: "copy-failed" });
    expect(order).toEqual(["a1 recorded", "d a1 built | compiling", "a1 built", "d a1 copied | copying"]);
  });

  test("whose report is refused is not touched any more", async () => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    backend.before = (report) => {
      if (report === "a1 built") throw new Error("refused");
    };
    expect(await failureOf(run(backend, hosts, one))).toMatchObject({ reason: "refused" });
    expect(hosts.log).toEqual(["current a1", "build a1"]);
  });
});

describe("a run that was cut off", () => {
  test.each(usualSteps)("after %s goes on after it, and repeats nothing that was reported", async (step) => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    backend.after = (report) => {
      if (report === `a1 ${step}`) throw new Error("died");
    };
    await run(backend, hosts, one).catch(() => undefined);
    backend.after = () => undefined;
    const before = hosts.log.length;
    await run(backend, hosts, one);
    expect(backend.reports).toEqual(allSteps("a1"));
    const operations = ["current", "build", "copy", "activate", "check", "confirm"];
    const again = hosts.log.slice(before).filter((entry) => entry !== "current a1");
    // What was built may be on another machine.
    const next = step === "built" ? "build" : (operations[Math.max(1, usualSteps.indexOf(step) + 1)] ?? "");
    const expected = next === "" ? [] : operations.slice(operations.indexOf(next));
    // The guard of a host that is activated waits for this run from now on.
    const guarded = step === "activated" || step === "healthy" ? ["activate"] : [];
    expect(again).toEqual([...guarded, ...expected].map((operation) => `${operation} a1`));
    expect(backend.statuses.get("a1")).toMatchObject({ status: "confirmed", previous: "old-a1" });
    expect(hosts.running.get("a1")).toBe("new-a1");
  });

  test.each(["current", "build", "copy", "activate", "check", "confirm"])(
    "in the middle of %s repeats it, and keeps the closure from before",
    async (operation) => {
      const backend = fakeBackend();
      const hosts = fakeHosts();
      let died = false;
      hosts.before = (asked) => {
        if (asked !== operation || died) return;
        died = true;
        throw new Error("died");
      };
      await run(backend, hosts, one).catch(() => undefined);
      await run(backend, hosts, one);
      expect(backend.reports).toEqual(allSteps("a1"));
      expect(backend.statuses.get("a1")).toMatchObject({ status: "confirmed", previous: "old-a1" });
    },
  );

  test("waits until the view shows the last report", async () => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    backend.after = (report) => {
      if (report === "a1 activated") throw new Error("died");
    };
    await run(backend, hosts, one).catch(() => undefined);
    backend.after = () => undefined;
    backend.behind = 2;
    await run(backend, hosts, one);
    expect(backend.reports).toEqual(allSteps("a1"));
    expect(backend.statuses.get("a1")?.previous).toBe("old-a1");
  });

  test("so long that the host went back by itself activates it and looks at it again", async () => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    backend.after = (report) => {
      if (report === "a1 healthy") throw new Error("died");
    };
    await run(backend, hosts, one).catch(() => undefined);
    backend.after = () => undefined;
    hosts.running.set("a1", "old-a1");
    hosts.log.length = 0;
    await run(backend, hosts, one);
    expect(hosts.log).toEqual(["current a1", "activate a1", "check a1", "confirm a1"]);
    expect(hosts.running.get("a1")).toBe("new-a1");
    expect(backend.statuses.get("a1")?.previous).toBe("old-a1");
  });
});

describe("waves", () => {
  test("come one after another, the hosts of one side by side", async () => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    await run(backend, hosts, [[waveHost("a1"), waveHost("a2")], [waveHost("b1")]]);
    const position = (report: string) => backend.reports.indexOf(report);
    expect(position("b1 recorded")).toBeGreaterThan(position("a1 confirmed"));
    expect(position("b1 recorded")).toBeGreaterThan(position("a2 confirmed"));
    expect(position("a2 recorded")).toBeLessThan(position("a1 confirmed"));
  });

  test("have at most sixteen hosts at work at once", async () => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    let active = 0;
    let most = 0;
    hosts.before = async (operation) => {
      if (operation !== "build") return;
      active += 1;
      most = Math.max(most, active);
      await new Promise((resolve) => setTimeout(resolve, 5));
      active -= 1;
    };
    await run(backend, hosts, [Array.from({ length: 40 }, (_, index) => waveHost(`h${index}`))]);
    expect(most).toBe(16);
    expect(backend.reports).toHaveLength(240);
  });

  test("after one in which a host failed are left alone, and the others of it stop after their step", async () => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    hosts.before = async (operation, host) => {
      if (operation === "build" && host === "a1") throw new StepFailed({ message: "no" });
      if (operation === "activate" && host === "a1") throw new Error("unexpected");
    };
    const failed = await failureOf(run(backend, hosts, [[waveHost("a1"), waveHost("a2")], [waveHost("b1")]]));
    expect(failed).toEqual({ reason: "build-failed", data: { host: "a1", step: "built", detail: "no" } });
    expect(backend.reports).not.toContain("a2 confirmed");
    expect(hosts.log.filter((entry) => entry.endsWith("b1"))).toEqual([]);
  });

  test("that fail while another host is being activated have that activation ended and reported", async () => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    let activating = false;
    hosts.before = async (operation, host) => {
      if (host === "a2" && operation === "activate") {
        activating = true;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      if (host !== "a1" || operation !== "copy") return;
      while (!activating) await new Promise((resolve) => setTimeout(resolve, 1));
      throw new StepFailed({ message: "no" });
    };
    await failureOf(run(backend, hosts, [[waveHost("a1"), waveHost("a2")]]));
    expect(backend.statuses.get("a2")?.status).toBe("activated");
    expect(hosts.log).not.toContain("confirm a2");
  });
});

describe("what goes wrong", () => {
  test("an unhealthy node is named, after the retries that its check allows", async () => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    hosts.ill.add("web");
    const failed = await failureOf(run(backend, hosts, [[waveHost("a1", [check("db"), check("web", 2)])]]));
    const data = { host: "a1", step: "healthy", node: "web", detail: "no answer (3 times)" };
    expect(failed).toEqual({ reason: "unhealthy", data });
    expect(hosts.log.filter((entry) => entry === "check a1")).toHaveLength(4);
  });

  test("a node that becomes well within its retries is well", async () => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    hosts.ill.add("web");
    let looks = 0;
    hosts.before = (operation) => {
      if (operation === "check") looks += 1;
      if (looks === 3) hosts.ill.delete("web");
    };
    await run(backend, hosts, [[waveHost("a1", [check("web", 2)])]]);
    expect(backend.reports).toEqual(allSteps("a1"));
  });

  test("a host that is away for a moment is waited for", async () => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    hosts.before = unreachable("activate", "a1", 2);
    await run(backend, hosts, one);
    expect(backend.reports).toEqual(allSteps("a1"));
  });

  test("a host that stays away is named", async () => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    hosts.before = unreachable("copy", "a1", Number.POSITIVE_INFINITY);
    const data = { host: "a1", step: "copied", detail: "a1 is away" };
    expect(await failureOf(run(backend, hosts, one))).toEqual({ reason: "unreachable", data });
  });

  test("a flake that is not the approved one is not deployed", async () => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    const context = backend.context(one);
    const other = {
      ...context,
      client: {
        query: (async () => ({
          position: 1,
          data: { digest: "sha256-x", files: { "flake.nix": "" } },
        })) as Client["query"],
      },
    };
    expect(await failureOf(deploy(other, operatorFor({ simulated: hosts.operator }), patience, silent))).toMatchObject({
      reason: "flake-changed",
    });
    expect(hosts.log).toEqual([]);
  });

  test.each(["everything", "graph-g", "host-a1"])(
    "a host that is not begun waits while %s is frozen",
    async (frozen) => {
      const backend = fakeBackend();
      const hosts = fakeHosts();
      backend.freezes = [frozen];
      const done = run(backend, hosts, one);
      await new Promise((wake) => setTimeout(wake, 200));
      expect(backend.reports).toEqual([]);
      backend.freezes = ["host-other"];
      await done;
      expect(backend.reports).toEqual(allSteps("a1"));
    },
  );

  test("a host that is begun is finished although everything is frozen meanwhile", async () => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    backend.after = () => {
      backend.freezes = ["everything"];
    };
    await run(backend, hosts, one);
    expect(backend.reports).toEqual(allSteps("a1"));
  });

  test("a target that nobody here can deploy to is named", async () => {
    const failed = await failureOf(deploy(fakeBackend().context(one), operatorFor({}), patience, silent));
    expect(failed).toMatchObject({ reason: "target-unsupported" });
    expect(JSON.stringify(failed)).toContain("no agent here can deploy to `simulated`");
  });

  test("a task that is withdrawn ends without a report", async () => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    const abort = new AbortController();
    hosts.before = (operation) => {
      if (operation === "copy") abort.abort(new Error("withdrawn"));
    };
    expect(await failureOf(run(backend, hosts, one, abort.signal))).toMatchObject({ reason: "withdrawn" });
    expect(hosts.log).not.toContain("activate a1");
  });
});

describe("a host that would lose something", () => {
  const removals = [{ name: "mount:/data", text: "/data would not be mounted" }];

  test("is not activated unless the request accepts it by name", async () => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    Object.assign(hosts.operator, { examine: async () => ({ removals }) });
    const failure = await failureOf(run(backend, hosts, one));
    expect(failure).toMatchObject({
      reason: "would-remove",
      data: { host: "a1", step: "copied", detail: expect.stringContaining("--accept-removal a1:mount:/data") },
    });
    expect(hosts.log).not.toContain("activate a1");
    backend.wishes = { acceptRemovals: ["a1:mount:/data"] };
    await run(backend, hosts, one);
    expect(backend.reports).toEqual(allSteps("a1"));
  });
});

describe("a host that needs a reboot", () => {
  test.each([
    [true, ["activate a1", "check a1", "reboot a1", "check a1", "confirm a1"]],
    [false, ["activate a1", "check a1", "confirm a1"]],
  ])("is rebooted if that was asked for (%s)", async (reboot, expected) => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    Object.assign(hosts.operator, { outdated: async () => ["kernel"] });
    backend.wishes = { reboot };
    await run(backend, hosts, one);
    expect(hosts.log.slice(hosts.log.indexOf("activate a1"))).toEqual(expected);
    expect(backend.reports.includes("a1 rebooted")).toBe(reboot);
  });

  test.each([
    ["is not rebooted if it runs that already", "new-a1", ["check a1", "confirm a1"]],
    ["is rebooted if it runs another one", "old-a1", ["reboot a1", "check a1", "confirm a1"]],
  ])("for a system of the next boot %s", async (_, running, expected) => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    hosts.running.set("a1", running);
    hosts.before = (operation) => {
      if (operation === "reboot") hosts.running.set("a1", "new-a1");
    };
    backend.wishes = { reboot: true, activation: "boot" };
    await run(backend, hosts, one);
    expect(hosts.log.filter((line) => /^(activate|reboot|check|confirm)/.test(line))).toEqual(expected);
  });

  test("to come to the system at all is not activated before", async () => {
    const backend = fakeBackend();
    const hosts = fakeHosts();
    Object.assign(hosts.operator, {
      activate: async () => {
        throw new NeedsReboot({ message: "only by a reboot", reasons: ["dbus"] });
      },
    });
    expect(await failureOf(run(backend, hosts, one))).toMatchObject({
      reason: "activation-failed",
      data: { detail: "only by a reboot" },
    });
    backend.wishes = { reboot: true };
    hosts.log.length = 0;
    hosts.before = (operation) => {
      if (operation === "reboot") hosts.running.set("a1", "new-a1");
    };
    await run(backend, hosts, one);
    expect(hosts.log).toEqual(["reboot a1", "check a1", "confirm a1"]);
  });
});

test("a host that is reached otherwise is reached as before until it is activated, and confirmed by the new way", async () => {
  const backend = fakeBackend();
  const hosts = fakeHosts();
  const { operator } = hosts;
  const ways: Array<string> = [];
  let moved = false;
  const by = ({ address, knownAs = "" }: TargetHost, operation: string) => {
    const isNew = address === "10.0.0.1";
    if (isNew !== moved) throw new HostUnreachable({ message: `${address} is away` });
    ways.push(`${operation} ${address} ${knownAs}`.trim());
  };
  Object.assign(operator, {
    current: async (host: TargetHost) => {
      by(host, "current");
      return { closure: "old-a1" };
    },
    activate: async (host: TargetHost, closure: string) => {
      by(host, "activate");
      moved = true;
      hosts.running.set("a1", closure);
    },
    confirm: async (host: TargetHost) => by(host, "confirm"),
  });
  backend.wishes = { reached: [{ host: "a1", address: "10.0.0.9", ssh: { port: 2222 } }] };
  await run(backend, hosts, one);
  expect(ways).toEqual(["current 10.0.0.9", "activate 10.0.0.9", "confirm 10.0.0.1 [10.0.0.9]:2222"]);
});

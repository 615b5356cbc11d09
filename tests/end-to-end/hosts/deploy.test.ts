import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { describeWithMachines } from "../../support/machines/describe.ts";
import {
  crashingService,
  httpService,
  neverHealthyService,
  type ServiceNode,
  tcpService,
} from "../../support/machines/programs.ts";
import { type Fleet, fleet, type GraphFile, hostNode } from "./fleet.ts";

const minute = 60_000;
const running = "readlink -f /run/current-system";
const booting = "readlink -f /nix/var/nix/profiles/system";
const succeeded = { code: 0, status: "succeeded", detail: undefined };
const names = ["bus-1", "web-1", "web-2"];

describeWithMachines("real hosts", () => {
  let all: Fleet;
  const machine = (name: string) => all.machines.get(name);

  beforeAll(async () => {
    all = await fleet(names);
    await all.up();
  }, 10 * minute);
  afterAll(() => all?.dispose(), minute);

  /** Patient with a busy machine. A host that nobody confirms waits for twice as long as its checks may take. */
  const patient = { kind: "http", path: "/", intervalSeconds: 1, timeoutSeconds: 2, retries: 15 };
  const brief = { ...patient, retries: 1 };

  /** A bus on a host, and a site on two others that needs it; `more` runs on web-2. */
  const shop = (
    directory: string,
    more: ReadonlyArray<ServiceNode> = [],
    healthCheck = patient,
    level = "warn",
  ): GraphFile => ({
    id: "shop",
    nodes: [
      ...names.map((name) => hostNode(all.machines, name)),
      {
        ...tcpService("broker", 4222),
        public: false,
        environment: { LEVEL: level },
        healthCheck: { ...patient, kind: "tcp", path: undefined },
      },
      {
        ...httpService("site", 8080),
        public: false,
        args: ["-m", "http.server", "8080", "--directory", directory],
        healthCheck,
      },
      ...more,
    ],
    edges: [
      { from: "broker", to: "bus-1", type: "runs-on" },
      { from: "site", to: "web-1", type: "runs-on" },
      { from: "site", to: "web-2", type: "runs-on" },
      { from: "site", to: "broker", type: "depends-on" },
      ...more.map(({ id }) => ({ from: id, to: "web-2", type: "runs-on" })),
    ],
  });
  const onEach = async (command: string): Promise<Record<string, string>> =>
    Object.fromEntries(
      await Promise.all(all.machines.all.map(async ({ name, run }) => [name, await run(command)] as const)),
    );
  /** Switches machines off and on that hang in their shutdown, as one would do by hand. */
  const throughReboots = async <T>(which: ReadonlyArray<string>, work: Promise<T>): Promise<T> => {
    const hung = new Set<string>();
    const look = async (name: string) => {
      const { run, kill, boot } = machine(name);
      const state = await run("systemctl is-system-running || true").catch(() => "stopping");
      if (state !== "stopping") hung.delete(name);
      else if (!hung.has(name)) hung.add(name);
      else await kill().then(boot, () => undefined);
    };
    const hand = setInterval(() => which.forEach(look), minute / 2);
    return work.finally(() => clearInterval(hand));
  };
  const deploymentOf = async (id: string) => (await all.leaf.client.query("deployments", "get", { id })).data;

  test(
    "run what is deployed to them, in waves",
    async () => {
      const before = await onEach(running);
      const deployed = await all.deploy(shop("/etc"));
      expect(deployed).toMatchObject(succeeded);
      const now = await onEach(running);
      for (const { id, closure } of deployed.hosts) {
        expect(now[id]).toBe(closure);
        expect(now[id]).not.toBe(before[id]);
      }
      expect(await onEach(booting)).toEqual(now);
      expect(await machine("web-1").run("curl -fsS http://127.0.0.1:8080/os-release")).toContain("Debian");
      const confirmed = deployed.stdout.split("\n").flatMap((line) => {
        const { kind, host, status, milliseconds } = line === "" ? {} : JSON.parse(line);
        return kind === "host" && status === "confirmed" ? [{ host, milliseconds }] : [];
      });
      expect(confirmed).toMatchObject([{ host: "bus-1" }, ...Array(2).fill({ host: expect.stringMatching(/^web-/) })]);
      for (const { milliseconds } of confirmed) expect(milliseconds).toBeGreaterThan(0);
      expect(await onEach("systemctl list-units --all --plain --no-legend 'cim-rollback-*' 'cim-activate-*'")).toEqual({
        "bus-1": "",
        "web-1": "",
        "web-2": "",
      });
    },
    5 * minute,
  );

  test(
    "are asked what would change, and stay as they are",
    async () => {
      const before = await onEach(running);
      const file = join(all.machines.folder, "would.json");
      await writeFile(file, JSON.stringify(shop("/usr")));
      const { code, stdout, stderr } = await all.dryRun(file);
      expect({ code, stderr: stderr.includes("error") }).toEqual({ code: 0, stderr: false });
      const { waves } = JSON.parse(stdout);
      expect(waves).toMatchObject([
        [{ host: "bus-1", runs: before["bus-1"], wouldRun: before["bus-1"], changes: [] }],
        [
          { host: "web-1", changes: expect.arrayContaining([expect.stringContaining("site.service")]) },
          { host: "web-2", runs: before["web-2"] },
        ],
      ]);
      const planned = await all.planPackages(file);
      expect(planned.code).toBe(0);
      const { waves: changes, built } = JSON.parse(planned.stdout);
      expect(changes).toMatchObject([[{ host: "bus-1", build: false }], [{ build: true }, { build: true }]]);
      // The same systems as those that the hosts were asked about, with what runs there in this store too.
      expect(built).toMatchObject(
        waves[1].map(({ host, wouldRun }: Readonly<Record<string, string>>) => ({
          host,
          closure: wouldRun,
          bytes: expect.any(Number),
          wasBytes: expect.any(Number),
          packages: expect.any(Array),
        })),
      );
      expect(await onEach(running)).toEqual(before);
    },
    5 * minute,
  );

  test(
    "keep what an update does not change, and let one deployment in at a time",
    async () => {
      const before = await onEach(running);
      const brokerSince = await machine("bus-1").run("systemctl show -p ActiveEnterTimestampMonotonic broker.service");
      const begun = all.leaf.seen("deploying-started");
      const first = all.deploy(shop("/usr"));
      await begun;
      const second = all.leaf.client.command("deployment", "second", "request", { graph: "shop", target: "nixos" });
      await expect(second).rejects.toMatchObject({ code: "rejected", reason: "deployment-in-progress" });
      const updated = await first;
      expect(updated).toMatchObject(succeeded);
      const { hosts } = await deploymentOf(updated.id);
      const [bus] = hosts;
      expect(bus).toMatchObject({ id: "bus-1", detail: "unchanged: the host runs this system" });
      expect(bus?.steps?.map(({ step }) => step)).toEqual(["recorded", "built", "healthy", "confirmed"]);
      const now = await onEach(running);
      expect(now["bus-1"]).toBe(before["bus-1"]);
      expect(now["web-1"]).not.toBe(before["web-1"]);
      expect(await machine("bus-1").run("systemctl show -p ActiveEnterTimestampMonotonic broker.service")).toBe(
        brokerSince,
      );
      expect(await machine("web-1").run("curl -fsS http://127.0.0.1:8080/share/")).toContain("href");
    },
    5 * minute,
  );

  test.each([
    ["a service that is never well", neverHealthyService("extra", 8090), names],
    ["a service that crashes", crashingService("extra"), ["web-2"]],
  ] as const)(
    "are all put back for %s",
    async (_, service, touched) => {
      const before = await onEach(running);
      const graph = shop("/var", [{ ...service, public: false }]);
      const deployed = await all.deploy(graph, "--hosts", touched.join(","));
      expect(deployed).toMatchObject({ code: 4, status: "rolled-back" });
      expect(await onEach(running)).toEqual(before);
      expect(await onEach(booting)).toEqual(before);
      expect(await machine("web-2").run("systemctl is-active site.service")).toBe("active");
      const reverted = deployed.stdout
        .split("\n")
        .flatMap((line) => (line.includes('"reverted"') && line.includes('"progress"') ? [JSON.parse(line).host] : []));
      expect(reverted.at(-1)).toBe(touched[0]);
      expect(JSON.stringify(await deploymentOf(deployed.id))).toContain("extra.service");
      expect((await all.deploy(graph)).stderr).toContain("was rolled back");
    },
    5 * minute,
  );

  test(
    "run a system until the next reboot, or from it on",
    async () => {
      const before = await onEach(running);
      const tried = await all.deploy(shop("/var"), "--activation", "test", "--hosts", "web-1");
      expect(tried).toMatchObject({ ...succeeded, hosts: [{ id: "web-1" }] });
      expect(await machine("web-1").run(booting)).toBe(before["web-1"]);
      expect(await onEach(running)).toEqual({ ...before, "web-1": tried.hosts[0]?.closure });
      await machine("web-1").reboot();
      expect(await onEach(running)).toEqual(before);

      const later = await all.deploy(shop("/var"), "--activation", "boot", "--hosts", "web-1");
      expect(later).toMatchObject({ ...succeeded, hosts: [{ id: "web-1" }] });
      expect(await onEach(running)).toEqual(before);
      await machine("web-1").reboot();
      expect(await machine("web-1").run(running)).toBe(tried.hosts[0]?.closure);
      expect(await machine("web-1").run("curl -fsS http://127.0.0.1:8080/lib/")).toContain("href");
    },
    6 * minute,
  );

  test(
    "are rebooted wave by wave, each with a guard until it is confirmed",
    async () => {
      const before = await onEach(running);
      const touched = ["bus-1", "web-1"];
      const boots = () => Promise.all(touched.map((name) => machine(name).run("cat /proc/sys/kernel/random/boot_id")));
      const rebooting = (graph: GraphFile) =>
        throughReboots(touched, all.deploy(graph, "--activation", "boot", "--reboot", "--hosts", touched.join(",")));
      const began = await boots();
      const deployed = await rebooting(shop("/opt", [], patient, "info"));
      expect(deployed).toMatchObject(succeeded);
      const steps = deployed.stdout.split("\n").flatMap((line) => {
        const { kind, host, status } = line === "" ? {} : JSON.parse(line);
        return kind === "host" && /^(rebooted|confirmed)$/.test(status) ? [`${host} ${status}`] : [];
      });
      expect(steps).toEqual(touched.flatMap((host) => [`${host} rebooted`, `${host} confirmed`]));
      const now = await onEach(running);
      expect(now).toMatchObject(Object.fromEntries(deployed.hosts.map(({ id, closure }) => [id, closure])));
      for (const [at, id] of (await boots()).entries()) expect(id).not.toBe(began[at]);
      for (const name of touched) {
        expect(now[name]).not.toBe(before[name]);
        expect(await machine(name).run("readlink -f /run/booted-system")).toBe(now[name]);
        expect(await machine(name).run("journalctl --boot --quiet --no-pager -u cim-way-back")).not.toBe("");
        expect(await machine(name).run("systemctl is-active cim-way-back || true; ls /nix/var/cim-leaf")).toBe(
          "inactive",
        );
      }
    },
    6 * minute,
  );

  test(
    "are left alone where one is full, and the message says which",
    async () => {
      const before = await onEach(running);
      await machine("web-2").fillDisk();
      try {
        const deployed = await all.deploy(shop("/run"), "--hosts", "web-1,web-2");
        expect(deployed).toMatchObject({ code: 4, status: "rolled-back" });
        expect(JSON.stringify(await deploymentOf(deployed.id))).toContain("the disk of web-2 is full");
      } finally {
        await machine("web-2").freeDisk();
      }
      expect(await onEach(running)).toEqual(before);
    },
    3 * minute,
  );

  test(
    "that refuse ssh are tried, then named",
    async () => {
      const before = await onEach(running);
      await machine("bus-1").stopSshd();
      try {
        const deployed = await all.deploy(shop("/opt"));
        expect(deployed).toMatchObject({ code: 1, status: "failed" });
        expect(await deploymentOf(deployed.id)).toMatchObject({ reason: "unreachable", hosts: expect.anything() });
      } finally {
        await machine("bus-1").startSshd();
      }
      expect(await onEach(running)).toEqual(before);
    },
    3 * minute,
  );

  test(
    "that are cut off in mid-activation put themselves back, and are found on their return",
    async () => {
      const before = await onEach(running);
      const cut = (async () => {
        const isActivating = "systemctl is-active 'cim-activate-*.service' || true";
        while (!(await machine("web-2").run(isActivating)).includes("activating")) await new Promise(setImmediate);
        await machine("web-2").cutNetwork();
      })();
      const deployed = await all.deploy(shop("/home", [], brief), "--hosts", "web-2");
      await cut;
      expect(deployed).toMatchObject({ code: 1, status: "rollback-incomplete" });
      expect(deployed.hosts).toContainEqual(expect.objectContaining({ id: "web-2", status: "unreachable" }));
      while ((await machine("web-2").run(running)) !== before["web-2"])
        await new Promise((wake) => setTimeout(wake, 200));
      await machine("web-2").healNetwork();

      expect((await all.cim("deployments", "roll-back", deployed.id, "--reason", "it is back")).code).toBe(0);
      expect((await all.leaf.ended(deployed.id)).status).toBe("rolled-back");
      expect(await onEach(running)).toEqual(before);
      expect(await onEach(booting)).toEqual(before);
    },
    5 * minute,
  );
});

import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { describeWithMachines } from "../../support/machines/describe.ts";
import type { Machine } from "../../support/machines/machine.ts";
import { type Machines, startMachines } from "../../support/machines/machines.ts";
import { pins } from "../../support/machines/nix-environment.ts";
import {
  crashingService,
  httpService,
  neverHealthyService,
  type ServiceNode,
  tcpService,
} from "../../support/machines/programs.ts";

const execute = promisify(execFile);
const cim = resolve(import.meta.dirname, "../../../bin/cim");
const profile = "/nix/var/nix/profiles/system";
const minute = 60_000;

const sleep = (milliseconds: number) => new Promise((wake) => setTimeout(wake, milliseconds));

const eventually = async (condition: () => Promise<boolean>): Promise<void> => {
  while (!(await condition())) await sleep(200);
};

describeWithMachines("machines", () => {
  let machines: Machines;
  let web: Machine;
  let first = "";
  beforeAll(async () => {
    machines = await startMachines(["web", "db"], { storeMib: 24 });
    web = machines.get("web");
    first = await current();
  }, 15 * minute);
  afterAll(() => machines?.close(), minute);

  const current = () => web.run("readlink -f /run/current-system");
  const booted = () => web.run("readlink -f /nix/var/nix/gcroots/boot-system");
  const ssh = (name: string, ...command: ReadonlyArray<string>) =>
    execute("ssh", ["-F", machines.sshConfigFile, name, ...command]).then(({ stdout }) => stdout.trim());

  /** Builds the toplevel of the host `web` on which these services run, as an operator would. */
  const build = async (name: string, services: ReadonlyArray<ServiceNode>): Promise<string> => {
    const folder = join(machines.folder, name);
    await mkdir(folder);
    const system = process.arch === "arm64" ? "aarch64-linux" : "x86_64-linux";
    const graph = {
      id: name,
      nodes: [{ id: "web", type: "host", system, address: web.address }, ...services],
      edges: services.map(({ id }) => ({ from: id, to: "web", type: "runs-on" })),
    };
    await writeFile(join(folder, "graph.json"), JSON.stringify(graph));
    const pinned = Object.entries(pins).flatMap(([input, reference]) => ["--pin", `${input}=${reference}`]);
    await execute(cim, ["graph", "render", join(folder, "graph.json"), "--out", join(folder, "flake"), ...pinned]);
    const attribute = `path:${folder}/flake#nixosConfigurations.web.config.system.build.toplevel`;
    const { stdout } = await execute("nix", ["build", "--no-link", "--json", attribute], {
      env: machines.nixEnvironment(),
    });
    return JSON.parse(stdout)[0].outputs.out;
  };

  const copy = (system: string) =>
    execute("nix", ["copy", "--no-check-sigs", "--to", `ssh-ng://${web.address}`, system], {
      env: machines.nixEnvironment(),
    });
  const activate = (system: string, action: string) =>
    ssh(
      "web",
      "systemd-run",
      "--quiet",
      "--collect",
      "--wait",
      "--pipe",
      `${system}/bin/switch-to-configuration`,
      action,
    );
  const main = (unit: string) => web.run(`systemctl show --property=MainPID --value ${unit}`);
  const fetched = (url: string) => fetch(url, { signal: AbortSignal.timeout(2000) }).then(({ status }) => status);

  test(
    "run systemd, and the system of their profile",
    async () => {
      for (const { name, run } of machines.all) {
        expect(await run("hostname")).toBe(name);
        expect(await run("systemctl is-system-running")).toBe("running");
        expect(await run("readlink -f /run/current-system")).toBe(await run(`readlink -f ${profile}`));
      }
      expect(new Set(machines.all.map(({ hostKey }) => hostKey.split(" ")[2])).size).toBe(2);
      await expect(web.run("echo no >&2; exit 3")).rejects.toThrow(/exit code 3: no/);
    },
    minute,
  );

  test(
    "are reached over ssh where their host keys are known, and only there",
    async () => {
      expect(await ssh(web.address, "hostname")).toBe("web");
      expect(await ssh("db", "hostname")).toBe("db");
      expect(await readFile(machines.knownHostsFile, "utf8")).toContain(web.hostKey);
      const wrong = join(machines.folder, "wrong_hosts");
      await writeFile(wrong, web.hostKey.replace(web.address, machines.get("db").address));
      await expect(
        execute("ssh", ["-F", machines.sshConfigFile, "-o", `UserKnownHostsFile=${wrong}`, "db", "true"]),
      ).rejects.toThrow(/Host key verification failed/);
    },
    minute,
  );

  let second = "";
  test(
    "take a system over ssh, and run its services",
    async () => {
      second = await build("second", [httpService("front", 8080), tcpService("bus", 4222)]);
      await copy(second);
      await web.run(`nix-store --check-validity ${second}`);
      await activate(second, "test");
      expect(await current()).toBe(second);
      expect(await booted()).toBe(first);
      expect(await fetched(`http://${web.address}:8080/os-release`)).toBe(200);
      const greeting = await new Promise((answer, reject) => {
        connect(4222, web.address)
          .once("data", function (this: ReturnType<typeof connect>, text) {
            this.destroy();
            answer(String(text));
          })
          .once("error", reject);
      });
      expect(greeting).toMatch(/^INFO /);
      expect(await web.journal("bus")).toContain("Server is ready");
    },
    2 * minute,
  );

  test("have the firewall of their system", async () => {
    const table = await web.run("nft list table inet nixos-fw");
    expect(table).toContain("policy drop");
    expect(table).toMatch(/tcp dport \{[^}]*8080/);
  });

  test(
    "forget a tested system in a power cut",
    async () => {
      await web.kill();
      await expect(web.run("true")).rejects.toThrow("machine web is not running");
      await web.boot();
      expect(await current()).toBe(first);
      expect(await web.run("systemctl list-units --no-legend front.service")).toBe("");
    },
    2 * minute,
  );

  test(
    "reboot into the generation that was switched to",
    async () => {
      await web.run(`nix-env --profile ${profile} --set ${second}`);
      await activate(second, "switch");
      await web.reboot();
      expect(await current()).toBe(second);
      expect(await web.run(`nix-env --profile ${profile} --list-generations | wc -l`)).toBe("2");
      expect(await fetched(`http://${web.address}:8080/os-release`)).toBe(200);
    },
    2 * minute,
  );

  test(
    "stop, start and keep services as the next system says",
    async () => {
      const kept = await main("front");
      const third = await build("third", [
        httpService("front", 8080),
        tcpService("bus", 4223),
        httpService("back", 8081),
      ]);
      await copy(third);
      const bus = await main("bus");
      expect(await ssh("web", `${third}/bin/switch-to-configuration`, "dry-activate", "2>&1")).toMatch(
        /would stop the following units: bus.service[\s\S]*would start the following units: back.service, bus.service/,
      );
      await activate(third, "test");
      expect(await main("front")).toBe(kept);
      expect(await main("bus")).not.toBe(bus);
      await activate(second, "test");
      expect(await web.run("systemctl is-active back || true")).toBe("inactive");
    },
    2 * minute,
  );

  test.each([
    ["never is well", (id: string) => neverHealthyService(id, 8090)],
    ["crashes", crashingService],
  ])(
    "fail with 4 where a service %s",
    async (name, service) => {
      const system = await build(name.replaceAll(" ", "-"), [httpService("front", 8080), service("bad")]);
      await copy(system);
      await expect(activate(system, "test")).rejects.toMatchObject({ code: 4 });
      await activate(second, "test");
      // systemd remembers a check that was stopped in the middle as failed, though its unit is not there any more.
      const failed = (await web.run("systemctl --failed --no-legend")).split("\n");
      expect(failed.filter((line) => line !== "" && !line.includes(" not-found "))).toEqual([]);
    },
    2 * minute,
  );

  test(
    "hang where the network is cut, and answer when it is healed",
    async () => {
      await web.cutNetwork();
      await expect(ssh("web", "-o", "ConnectTimeout=1", "true")).rejects.toMatchObject({ code: 255 });
      expect(await web.run("systemctl is-active front")).toBe("active");
      await web.healNetwork();
      expect(await ssh("web", "hostname")).toBe("web");
    },
    minute,
  );

  test(
    "refuse ssh where sshd is stopped",
    async () => {
      await web.stopSshd();
      await expect(ssh("web", "true")).rejects.toThrow(/Connection refused/);
      await web.startSshd();
      expect(await ssh("web", "hostname")).toBe("web");
    },
    minute,
  );

  test(
    "take no system where the disk is full",
    async () => {
      const fourth = await build("fourth", [httpService("other", 8084)]);
      await web.fillDisk();
      await expect(copy(fourth)).rejects.toThrow(/No space left on device/);
      await web.freeDisk();
      await copy(fourth);
      await web.run(`nix-store --check-validity ${fourth}`);
    },
    minute,
  );

  test(
    "put themselves back by a timer when nobody answers",
    async () => {
      const fifth = await build("fifth", [httpService("front", 8082)]);
      await copy(fifth);
      await activate(fifth, "test");
      expect(await current()).toBe(fifth);
      await ssh(
        "web",
        "systemd-run --quiet --on-active=5 --timer-property=AccuracySec=100ms",
        second.concat("/bin/switch-to-configuration test"),
      );
      await web.cutNetwork();
      await eventually(async () => (await current()) === second);
      await web.healNetwork();
      await eventually(() =>
        fetched(`http://${web.address}:8080/os-release`).then(
          () => true,
          () => false,
        ),
      );
    },
    2 * minute,
  );
});

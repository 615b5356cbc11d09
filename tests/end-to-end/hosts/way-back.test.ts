import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { NixosHosts } from "../../../src/infrastructure/nixos/nixos-hosts.ts";
import { describeWithMachines } from "../../support/machines/describe.ts";
import { type Machines, startMachines } from "../../support/machines/machines.ts";

const minute = 60_000;
const pause = (milliseconds: number) => new Promise((wake) => setTimeout(wake, milliseconds));

/** A system of which only its program for switching is there: it takes its time, prints, and ends with a code. */
const next = "/root/next";
const program = `#!/bin/bash
[ "$1" = test ] || exit 0
exec 8>/run/nixos/switch-to-configuration.lock
flock -n 8 || { echo "Could not acquire lock"; exit 1; }
echo "begins"
sleep "$(cat ${next}/seconds)" 8>&-
cat ${next}/says
code=$(cat ${next}/code)
[ "$code" = 1 ] || ln -sfn ${next} /run/current-system
echo "ends"
exit "$code"
`;

describeWithMachines("the way back of a host", () => {
  let machines: Machines;
  let hosts: NixosHosts;
  let previous: string;
  let serial = 0;
  const run = (command: string) => machines.get("solo").run(command);
  const running = () => run("readlink -f /run/current-system");
  const guard = () => run("systemctl list-units --all --plain --no-legend 'cim-rollback-*'");
  const target = () => ({ host: "solo", address: machines.get("solo").address });
  const { signal } = new AbortController();

  /** Activates a system that behaves so, with a window of `confirmWithinSeconds`. */
  const activate = async (
    { seconds = 0, says = "", code = 0 }: { seconds?: number; says?: string; code?: number },
    confirmWithinSeconds: number,
    abort: AbortSignal = signal,
  ) => {
    serial += 1;
    const text = Buffer.from(says).toString("base64");
    await run(`echo ${seconds} >${next}/seconds; echo ${code} >${next}/code; echo '${text}' | base64 -d >${next}/says`);
    await hosts.activate(target(), next, { deployment: `d${serial}`, previous, confirmWithinSeconds }, abort);
  };
  const until = async (holds: () => Promise<boolean>) => {
    while (!(await holds())) await pause(200);
  };

  beforeAll(async () => {
    machines = await startMachines(["solo"], { storeMib: 24 });
    Object.assign(process.env, machines.nixEnvironment());
    const ssh = { arguments: [] };
    hosts = await NixosHosts.open({ folder: machines.folder, ssh, buildOn: "local", checkSignatures: false });
    previous = await running();
    const encoded = Buffer.from(program).toString("base64");
    await run(`mkdir -p /run/nixos ${next}/bin; echo '${encoded}' | base64 -d >${next}/bin/switch-to-configuration
      chmod +x ${next}/bin/switch-to-configuration`);
  }, 10 * minute);
  afterEach(() => hosts.revert(target(), previous, { deployment: `d${serial}` }, signal), minute);
  afterAll(() => machines?.close(), minute);

  test(
    "waits for an activation that is unfinished at its deadline",
    async () => {
      const deployer = new AbortController();
      const lost = activate({ seconds: 6 }, 2, deployer.signal).catch(() => "lost");
      await until(async () => (await run("systemctl is-active 'cim-activate-*' || true")).includes("activating"));
      deployer.abort();
      expect(await lost).toBe("lost");
      await until(async () => (await guard()) === "");
      expect(await running()).toBe(previous);
      expect(await run("systemctl is-active 'cim-activate-*' || true")).not.toContain("activating");
      expect(await run(`journalctl --no-pager -o cat -u cim-activate-d${serial}`)).toContain("ends");
    },
    minute,
  );

  test(
    "stops an activation that does not end, if nobody watches it",
    async () => {
      const deployer = new AbortController();
      const lost = activate({ seconds: 3600 }, 2, deployer.signal).catch(() => "lost");
      await until(async () => (await guard()) !== "");
      // It has two minutes to end by itself.
      await run("sed -i 's/^patience=.*/patience=1/' /run/cim-leaf/way-back-*");
      await run("systemctl restart 'cim-rollback-*'");
      deployer.abort();
      await lost;
      await until(async () => (await guard()) === "");
      expect(await running()).toBe(previous);
      expect(await run(`systemctl is-active cim-activate-d${serial} || true`)).toMatch(/^(failed|inactive)$/);
    },
    minute,
  );

  test(
    "does not take back an activation that is longer than its window, while its deployer watches it",
    async () => {
      await activate({ seconds: 16 }, 8);
      expect(await guard()).toContain("active");
      await hosts.confirm(target(), next, { deployment: `d${serial}`, activation: "test" }, signal);
      expect(await guard()).toBe("");
      expect(await running()).toBe(next);
    },
    minute,
  );

  test(
    "comes at its deadline, however often systemd is reloaded meanwhile",
    async () => {
      await activate({}, 5);
      await until(async () => {
        await run("systemctl daemon-reload; systemctl daemon-reexec");
        return (await guard()) === "";
      });
      expect(await running()).toBe(previous);
    },
    minute,
  );

  test(
    "is not confirmed over a connection that was open before",
    async () => {
      const config = join(machines.folder, "shared");
      const shared = `Host *\n  ControlMaster auto\n  ControlPath ${machines.folder}/%C\n  ControlPersist 60\n`;
      await writeFile(config, `${shared}${await readFile(machines.sshConfigFile, "utf8")}`);
      const ssh = () => promisify(execFile)("ssh", ["-F", config, machines.get("solo").address, "true"]);
      const before = process.env.NIX_SSHOPTS;
      process.env.NIX_SSHOPTS = `-F ${config}`;
      await ssh();
      await machines.get("solo").stopSshd();
      try {
        await ssh();
        await expect(hosts.current(target(), signal)).rejects.toThrow("does not answer over ssh");
      } finally {
        process.env.NIX_SSHOPTS = before;
        await machines.get("solo").startSshd();
        await promisify(execFile)("ssh", ["-F", config, "-O", "exit", machines.get("solo").address]);
      }
    },
    minute,
  );

  test(
    "follows on what NixOS says of a switch",
    async () => {
      await expect(activate({ code: 4, says: "Failed to reload edge.service\n" }, 30)).rejects.toThrow(
        "edge.service could not be reloaded",
      );
      const inhibited =
        "There are changes to critical components of the system:\n\ndbus : dbus -> broker\n\nSwitching into this system is not recommended.\n";
      await hosts.revert(target(), previous, { deployment: `d${serial}` }, signal);
      await expect(activate({ code: 1, says: inhibited }, 30)).rejects.toMatchObject({
        _tag: "NeedsReboot",
        reasons: ["dbus : dbus -> broker"],
      });
    },
    minute,
  );
});

import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { describeWithMachines } from "../../support/machines/describe.ts";
import { httpService } from "../../support/machines/programs.ts";
import { type Fleet, fleet, type GraphFile, hostNode } from "./fleet.ts";

const minute = 60_000;
const succeeded = { code: 0, status: "succeeded", detail: undefined };

describeWithMachines("a host that has more than its graph", () => {
  let all: Fleet;
  let serial = 0;
  const solo = () => all.machines.get("solo");
  const run = (command: string) => solo().run(command);
  const running = () => run("readlink -f /run/current-system");
  const documentOf = async (id: string) => (await all.leaf.client.query("deployments", "get", { id })).data;
  /** A graph that is a new one each time, so that there is something to do. */
  const shop = (host: Readonly<Record<string, unknown>> = {}): GraphFile => {
    serial += 1;
    const site = { ...httpService("site", 8080), public: false, environment: { SERIAL: `${serial}` } };
    return {
      id: "shop",
      nodes: [{ ...hostNode(all.machines, "solo"), ...host }, site],
      edges: [{ from: "site", to: "solo", type: "runs-on" }],
    };
  };

  beforeAll(async () => {
    all = await fleet(["solo"]);
    await all.up();
  }, 10 * minute);
  afterAll(() => all?.dispose(), minute);

  test(
    "is adopted without being touched, and with its base loses nothing",
    async () => {
      // As NixOS has them: who deploys, a person with a password, a mount, a record of GRUB, and the program of hardware.
      await run(`useradd -m -u 1000 -s /bin/bash -G nix-users ops && useradd -m -u 1001 -c Ben ben && echo ben:secret | chpasswd
        install -d -o ops -m 700 /home/ops/.ssh
        install -o ops -m 600 /root/.ssh/authorized_keys /home/ops/.ssh/
        echo 'ops ALL=(ALL:ALL) NOPASSWD: ALL' >/etc/sudoers.d/ops
        echo 'extra-trusted-users = ops' >>/etc/nix/nix.conf && systemctl try-restart nix-daemon.service
        echo '/dev/disk/by-label/data /data ext4 noauto,nofail 0 0' >>/etc/fstab
        mkdir -p /boot/grub /var/lib/nixos && printf '%s\\n' grub 2.12 no nodev >/boot/grub/state
        echo -n 'ops ben' >/var/lib/nixos/declarative-users
        printf '%s\\n' '#!/bin/sh' 'echo "{ fileSystems.\\"/\\" = { device = \\"/dev/root\\"; fsType = \\"ext4\\"; }; }"' >/usr/bin/nixos-generate-config
        chmod +x /usr/bin/nixos-generate-config`);
      const file = join(all.machines.folder, "adopted.json");
      const known = { ...hostNode(all.machines, "solo"), ssh: { user: "ops" }, labels: { rack: "7" } };
      await writeFile(file, JSON.stringify({ ...shop(), nodes: [known], edges: [] }));
      const stateOf = () =>
        run("find /etc /nix /root /home /var/lib /boot /usr -xdev -newer /run/marker; readlink -f /run/current-system");
      await run("sleep 1; touch /run/marker");
      const before = await stateOf();
      const adopted = await all.adopt("solo", "--graph", file, "--update-graph", "--json");
      expect(adopted).toMatchObject({ code: 0 });
      expect(await stateOf()).toBe(before);
      const { node, missing } = JSON.parse(adopted.stdout);
      expect(node).toMatchObject({ labels: { rack: "7" }, ssh: { user: "ops" }, imports: ["hosts/solo/base.nix"] });
      expect(missing.join("\n")).toContain("passwords (ben)");
      expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ nodes: [node] });
      const again = await all.adopt("solo", "--graph", file);
      expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("--force")]);

      const tried = await all.dryRun(file);
      expect(tried.stderr).not.toContain("error");
      const { waves } = JSON.parse(tried.stdout.trim().split("\n").at(-1) ?? "");
      expect(waves).toEqual([[expect.objectContaining({ host: "solo", removals: [] })]]);
      await run(`userdel -r ben; userdel -r ops; rm -f /etc/sudoers.d/ops /var/lib/nixos/declarative-users
        sed -i '/by-label/d' /etc/fstab`);
    },
    3 * minute,
  );

  test(
    "loses nothing that nobody accepted, and is deployed to once it is",
    async () => {
      const second = solo().address.replace(/\d+$/, "99/24");
      await run(`echo '/dev/disk/by-label/data /data ext4 noauto,nofail 0 0' >>/etc/fstab
        useradd ben && echo ben:secret | chpasswd && mkdir -p /var/lib/nixos && echo -n ben >/var/lib/nixos/declarative-users
        ip addr add ${second} dev eth0
        mkdir -p /etc/ssh/authorized_keys.d
        echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIzyxwvutsrqpo ben@desk' >/etc/ssh/authorized_keys.d/root`);
      const names = ["mount:/data", "user:ben", `address:${second}`, "key:root:zyxwvutsrqpo"].map(
        (one) => `solo:${one}`,
      );
      const before = await running();
      // What a module of the operator needs, which nobody has pinned yet: the deployer asks its nix.
      const extra = join(all.machines.folder, "extra");
      await mkdir(extra);
      await writeFile(join(extra, "flake.nix"), "{ outputs = _: { }; }");
      const graph = shop({ inputs: { extra: { url: `path:${extra}` } } });
      const refused = await all.deploy(graph);
      const { pins = {} } = await documentOf(refused.id);
      expect(pins).toEqual({ extra: expect.stringContaining(`path:${extra}?`) });
      expect(pins.extra).toContain("narHash=");
      expect(refused).toMatchObject({ code: 4, status: "rolled-back" });
      for (const name of names) expect(refused.detail).toContain(name);
      expect(await documentOf(refused.id)).toMatchObject({ reason: "would-remove" });
      expect(await running()).toBe(before);
      expect(await run("journalctl --no-pager -o cat -u 'cim-activate-*' || true")).not.toContain("activating");

      const accepted = await all.deploy(graph, "--accept-removal", ...names);
      expect(accepted).toMatchObject(succeeded);
      expect(await documentOf(accepted.id)).not.toHaveProperty("pins");
      const { acceptRemovals, hosts } = Object(await documentOf(accepted.id));
      expect(acceptRemovals).toEqual(expect.arrayContaining(names));
      expect(hosts[0].removals).toContainEqual({ name: "mount:/data", text: expect.stringContaining("/data") });
      await run(`userdel ben; ip addr del ${second} dev eth0; sed -i '/by-label/d' /etc/fstab
        rm -f /etc/ssh/authorized_keys.d/root`);
    },
    4 * minute,
  );

  test(
    "is reached by the old way until the new one is confirmed",
    async () => {
      // As NixOS does with its sshd: it listens where the system that runs says.
      await run(`systemd-run --quiet --unit=follow-ports bash -c 'while sleep 0.2; do
        sed -n "s/^Port /Port /p" /run/current-system/sshd_config >/run/ports
        cmp -s /run/ports /etc/ssh/sshd_config.d/ports.conf ||
          { cp /run/ports /etc/ssh/sshd_config.d/ports.conf; systemctl restart ssh; }
      done'`);
      const key = solo().hostKey.replace(solo().address, `[${solo().address}]:2222`);
      await appendFile(all.machines.knownHostsFile, `${key}\n`);
      const moved = await all.deploy(shop({ ssh: { port: 2222 } }));
      expect(moved).toMatchObject(succeeded);
      expect(await run("ss -tlnH sport = :22; ss -tlnH sport = :2222")).toContain(":2222");
    },
    6 * minute,
  );
});

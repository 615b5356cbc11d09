import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { describeWithMachines } from "../../support/machines/describe.ts";
import type { Machine } from "../../support/machines/machine.ts";
import { type Machines, networkOf, startMachines } from "../../support/machines/machines.ts";
import { pins } from "../../support/machines/nix-environment.ts";
import { httpService } from "../../support/machines/programs.ts";
import { soon } from "../../support/soon.ts";

const execute = promisify(execFile);
const project = resolve(import.meta.dirname, "../../..");
/** Where the project is on the machines. */
const lent = "/opt/cim-leaf";
const minute = 60_000;
const system = process.arch === "arm64" ? "aarch64-linux" : "x86_64-linux";

const flake = (module: string, pinned: string) => `{
  inputs.nixpkgs.url = "${pins.nixpkgs}";
  outputs = { self, nixpkgs }: {
    leaf = (nixpkgs.lib.nixosSystem {
      modules = [
        (import ./${module} { inherit self; })
        ({ pkgs, ... }: {
          nixpkgs.hostPlatform = "${system}";
          networking.hostName = "leaf";
          boot.loader.grub.device = "nodev";
          fileSystems."/" = { device = "/dev/root"; fsType = "ext4"; };
          services.cim-leaf.enable = true;
          services.cim-leaf.package = pkgs.writeShellScriptBin "cim" ''exec ${lent}/bin/cim "$@"'';
          services.cim-leaf.pins = { ${pinned} };
          # Debian's nix asks for it.
          users.users.cim-leaf.extraGroups = [ "nix-users" ];
        })
      ];
    }).config.system.build.toplevel;
  };
}`;

describeWithMachines("a leaf with the NixOS module", () => {
  let machines: Machines;
  let leaf: Machine;
  let web: Machine;

  /** As an administrator of the leaf, in the name of its first person. */
  const cim = (command: string) =>
    leaf.run(`CIM_SECURE=/var/lib/cim-leaf/keys CIM_PRINCIPAL=operator /run/current-system/sw/bin/cim ${command}`);

  const ready = () => soon(async () => void (await leaf.run("curl --silent --fail http://127.0.0.1:7422/readyz")));

  beforeAll(async () => {
    machines = await startMachines(["leaf", "web"], { storeMib: 96, lend: [`${project}:${lent}`] });
    [leaf, web] = [machines.get("leaf"), machines.get("web")];
    const folder = join(machines.folder, "leaf");
    await mkdir(folder);
    const inputs = { nixpkgs: "", colmena: "/colmena", "deploy-rs": "/deploy-rs" };
    const pinned = Object.entries(inputs).map(([name, at]) => `${name} = "path:${lent}/tests/nixpkgs${at}";`);
    await writeFile(join(folder, "module.nix"), await readFile(join(project, "nix/module.nix")));
    await writeFile(join(folder, "flake.nix"), flake("module.nix", pinned.join(" ")));
    const env = machines.nixEnvironment();
    const { stdout } = await execute("nix", ["build", "--no-link", "--json", `path:${folder}#leaf`], { env });
    const toplevel: string = JSON.parse(stdout)[0].outputs.out;
    await execute("nix", ["copy", "--no-check-sigs", "--to", `ssh-ng://${leaf.address}`, toplevel], { env });
    await leaf.run(`${toplevel}/bin/switch-to-configuration test`);
  }, 15 * minute);
  afterAll(() => machines?.close(), minute);

  test(
    "is closed from its first start on: only keys that it made let somebody in",
    async () => {
      await ready();
      expect(await cim("status --json")).toContain('"ready":true');
      await expect(leaf.run("cim=/run/current-system/sw/bin/cim; $cim status --as operator")).rejects.toThrow(
        /CIM_CREDENTIALS|certificate/,
      );
      expect(await leaf.run("find /var/lib/cim-leaf/keys -type f ! -perm 600; stat -c %U%a /var/lib/cim-leaf")).toBe(
        "cim-leaf700",
      );
      expect(await leaf.run("systemctl is-active cim-leaf cim-leaf-nats")).toBe("active\nactive");
    },
    5 * minute,
  );

  test(
    "still reads its keys after root has changed them",
    async () => {
      await cim("security user add ann --role viewer");
      await leaf.run("systemctl restart cim-leaf");
      await ready();
      expect(await leaf.run("stat -c %U /var/lib/cim-leaf/keys/creds/ann.creds")).toBe("cim-leaf");
    },
    5 * minute,
  );

  test(
    "deploys to a real host with a key that it made",
    async () => {
      const key = await leaf.run("cat /var/lib/cim-leaf/ssh/id_ed25519.pub");
      await web.run(`echo '${key}' >> /root/.ssh/authorized_keys`);
      await leaf.run(
        `echo '${web.hostKey}' > /var/lib/cim-leaf/ssh/known_hosts; chmod 644 /var/lib/cim-leaf/ssh/known_hosts`,
      );
      const graph = {
        id: "shop",
        nodes: [{ id: "web", type: "host", system, address: web.address }, httpService("page", 8080)],
        edges: [{ from: "page", to: "web", type: "runs-on" }],
      };
      await leaf.run(`cat > /tmp/shop.json <<'END'\n${JSON.stringify(graph)}\nEND`);
      const accepted = networkOf({ all: [web] }).join(" ");
      const timing = "--discussion-seconds 10 --voting-seconds 60 --monitor-seconds 1";
      const options = `--target nixos --yes ${timing} --accept-removal ${accepted}`;
      // Longer than a command on a machine may take.
      const unit =
        "systemd-run --unit deploy --property RemainAfterExit=yes --setenv CIM_SECURE=/var/lib/cim-leaf/keys";
      await leaf.run(
        `${unit} --setenv CIM_PRINCIPAL=operator /run/current-system/sw/bin/cim deploy /tmp/shop.json ${options}`,
      );
      const ended = async () => expect(await leaf.run("systemctl show --value -p SubState deploy")).not.toBe("running");
      await soon(ended, 400);
      expect(await leaf.journal("deploy")).toContain("succeeded");
      expect(await web.run("systemctl is-active page")).toBe("active");
    },
    10 * minute,
  );
});

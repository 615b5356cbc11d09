import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { describeWithNix, evaluateFlake } from "./nix.ts";

const module = readFileSync(new URL("../../../nix/module.nix", import.meta.url), "utf8");

/** A leaf whose configuration is a base and `services.cim-leaf` with these options. */
const leaf = (options: string) => ({
  "module.nix": module,
  "flake.nix": `{
    outputs = { self, nixpkgs }: {
      leaf = (nixpkgs.lib.nixosSystem {
        modules = [
          (import ./module.nix { inherit self; })
          ({ pkgs, ... }: {
            nixpkgs.hostPlatform = "x86_64-linux";
            networking.hostName = "leaf";
            boot.loader.grub.device = "nodev";
            fileSystems."/" = { device = "/dev/root"; fsType = "ext4"; };
            services.cim-leaf = { enable = true; package = pkgs.writeShellScriptBin "cim" ""; } // ${options};
          })
        ];
      }).config;
    };
  }`,
});

interface Evaluated {
  readonly system: string;
  readonly units: Readonly<Record<string, string>>;
}

/** The texts of its units, by their names; without its name the paths of packages are ones of the store. */
const evaluated = (options: string): Evaluated =>
  evaluateFlake(
    leaf(options),
    "leaf",
    `config: {
      system = config.system.build.toplevel.drvPath;
      units = builtins.mapAttrs (_: unit: unit.text) {
        inherit (config.system.build.units) "cim-leaf.service";
        keys = config.system.build.units."cim-leaf-keys.service";
        nats = config.system.build.units."cim-leaf-nats.service" or { text = ""; };
      };
    }`,
  ) as Evaluated;

describeWithNix("the NixOS module", () => {
  test("runs a nats-server and a backend, closed, with nix and ssh", () => {
    const { system, units } = evaluated(`{ pins.nixpkgs = "path:/nixpkgs"; ssh.options = [ "ControlPath=/tmp/%h" ]; }`);
    expect(system).toContain("-nixos-system-leaf-");
    const { "cim-leaf.service": backend = "", nats = "" } = units;
    const [, command = ""] = /^ExecStart=(.*)$/m.exec(backend) ?? [];
    expect(command).toMatch(
      /^\S+\/bin\/cim up --nats nats:\/\/127\.0\.0\.1:4222 --prefix cim --as operator --secure \S+\/keys --pin /,
    );
    expect(command).toContain("--pin 'nixpkgs=path:/nixpkgs'");
    expect(command).toContain("--ssh-option 'IdentityFile=/var/lib/cim-leaf/ssh/id_ed25519'");
    expect(command).toContain("--ssh-option 'UserKnownHostsFile=/var/lib/cim-leaf/ssh/known_hosts'");
    expect(command).toContain("--ssh-option 'ControlPath=/tmp/%%h'");
    expect(backend).toMatch(/^Environment="PATH=\S*-nix-[\d.]+\/bin:\S*-openssh-\S+\/bin:/m);
    expect(nats).toMatch(/--config \/var\/lib\/cim-leaf\/keys\/leaf\.conf$/m);
    expect(nats).toMatch(/^StateDirectoryMode=0700$/m);
  });

  test("takes the credentials of a server elsewhere by the names that the program reads", () => {
    const { units } = evaluated(`{
      nats = "nats://hub:4222"; credentialsFile = "/run/secrets/creds"; caFile = "/etc/ca.pem";
      ssh = { identityFile = "/run/secrets/key"; knownHosts = [ "10.0.0.7 ssh-ed25519 AAAA" ]; };
    }`);
    const { "cim-leaf.service": backend = "", nats } = units;
    expect(nats).toBe("");
    expect(backend).toContain('Environment="CIM_CREDENTIALS=%d/credentials"');
    expect(backend).toContain('Environment="CIM_CA=%d/ca"');
    expect(backend).toContain("LoadCredential=credentials:/run/secrets/creds\nLoadCredential=ca:/etc/ca.pem\n");
    expect(backend).toMatch(
      /up --nats nats:\/\/hub:4222 --prefix cim --as operator --ssh-option 'IdentityFile=\/run\/secrets\/key' /,
    );
    expect(backend).toMatch(/UserKnownHostsFile=\S+-cim-leaf-known-hosts/);
  });

  test("listens on loopback only if it believes everybody", () => {
    expect(evaluated("{ open = true; }").units["cim-leaf.service"]).not.toContain("--secure");
    expect(() => evaluated(`{ open = true; listen = "0.0.0.0"; }`)).toThrow("believes everybody");
  });
});

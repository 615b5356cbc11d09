import { beforeAll, expect, test } from "@jest/globals";
import { Schema } from "effect";
import { deploymentFlake } from "../../../src/domain/deployment/flake.ts";
import { GraphDocument } from "../../../src/domain/graph/document.ts";
import { adoptedBase } from "../../../src/domain/nix/mod.ts";
import { digests } from "../../../src/infrastructure/digests.ts";
import { readAdoptable } from "../../../src/infrastructure/nixos/read-adoptable.ts";
import { describeWithNix, evaluateHosts } from "./nix.ts";

/** What a machine under a desk prints: UEFI, static addresses, people. */
const metal = `mount=/data\t/dev/sdb1
swap=/swapfile
loader=systemd-boot
firmware=uefi
address=192.168.1.5/24\tenp3s0
address=fd00::5/64\tenp3s0
gateway=192.168.1.1\tenp3s0
gateway=fe80::1\tenp3s0
ssh-port=22
ssh-port=2222
key=root\tsystem\tssh-ed25519 AAAAroot root@desk
password=ada
password=postgres
machine=x86_64
hostname=tower
release=26.05
state-version=24.11
time-zone=Europe/Berlin
locale=de_DE.UTF-8
keymap=de
hardware={ config, lib, pkgs, modulesPath, ... }:
hardware={
hardware=  imports = [ (modulesPath + "/installer/scan/not-detected.nix") ];
hardware=  boot.initrd.availableKernelModules = [ "xhci_pci" "ahci" "nvme" ];
hardware=  fileSystems."/" = { device = "/dev/disk/by-uuid/1111"; fsType = "ext4"; };
hardware=  fileSystems."/efi" = { device = "/dev/disk/by-uuid/2222"; fsType = "vfat"; options = [ "fmask=0077" ]; };
hardware=  swapDevices = [ ];
hardware=  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
hardware=}
fstab=/dev/disk/by-uuid/1111\t/\text4\tdefaults\t0\t1
fstab=nas:/music\t/music\\040box\tnfs\tro,nofail\t0\t0
fstab=tmpfs\t/tmp\ttmpfs\tdefaults\t0\t0
user=ada:x:1000:100:Ada "the first" Lovelace:/home/ada:/run/current-system/sw/bin/zsh
user=deploy:x:998:995::/var/lib/deploy:/run/current-system/sw/bin/bash
group=users:x:100:
group=wheel:x:1:ada
group=docker:x:131:ada
group=deploy:x:995:
key=ada\thome\tssh-ed25519 AAAAada ada@desk
key=deploy\tsystem\tssh-ed25519 AAAAdeploy ci
sudo=Defaults env_keep+=TERMINFO
sudo=root ALL=(ALL:ALL) SETENV: ALL
sudo=%wheel ALL=(ALL:ALL) NOPASSWD:SETENV: ALL
sudo=deploy ALL=(ALL:ALL) NOPASSWD: ALL
sudo=nagios ALL=(root) NOPASSWD: /run/current-system/sw/bin/smartctl
made-interface=br0\tbridge
nameserver=127.0.0.53
nameserver=192.168.1.1
esp=/efi
kernel-param=loglevel=4
kernel-param=mitigations=off
sshd=permitrootlogin\twithout-password
sshd=passwordauthentication\tno
nix=trusted-users\troot deploy
service=sshd.service
service=nginx.service
secrets=sops-nix
`;

/** What a rented machine prints: a BIOS, a lease, nothing of its own. */
const rented = `loader=grub
firmware=bios
address=10.0.0.9/24\teth0
dynamic=eth0
ssh-port=22
machine=x86_64
hostname=rented
hardware={ modulesPath, ... }: {
hardware=  imports = [ (modulesPath + "/profiles/qemu-guest.nix") ];
hardware=  fileSystems."/" = { device = "/dev/vda1"; fsType = "ext4"; };
hardware=}
hardware-said=warning: a thing
grub-state=grub
grub-state=2.12
grub-state=no
grub-state=/dev/vda
kernel-param=net.ifnames=0
sshd=permitrootlogin\tyes
service=NetworkManager.service
network=NetworkManager
`;

const adopt = (id: string, printed: string) => adoptedBase(readAdoptable(printed), { id, port: 22 });

const bases = { tower: adopt("tower", metal), web: adopt("web", rented) };

/** A graph of the adopted hosts, and its flake. */
const flake = () => {
  const texts = Object.values(bases).flatMap(({ files }) => Object.values(files));
  const document = Schema.decodeUnknownSync(GraphDocument)({
    id: "shop",
    nodes: [
      // As a user whom the base has.
      { id: "job", type: "service", command: "/bin/job", user: "ada" },
      ...Object.entries(bases).map(([id, { files, entry, system, stateVersion = "26.05" }]) => ({
        id,
        type: "host",
        system,
        stateVersion,
        address: `${id}.example.com`,
        imports: [`hosts/${id}/${entry}`],
        files: Object.fromEntries(
          Object.entries(files).map(([name, text]) => [`hosts/${id}/${name}`, digests.sha256(text)]),
        ),
      })),
    ],
    edges: [{ from: "job", to: "tower", type: "runs-on" }],
  });
  const byDigest = Object.fromEntries(texts.map((text) => [digests.sha256(text), text]));
  return deploymentFlake(document, { ...digests, texts: byDigest }).files;
};

describeWithNix("a base that was made of a running host", () => {
  let hosts: Record<string, unknown>;
  beforeAll(() => {
    hosts = evaluateHosts(
      flake(),
      `config: {
        drv = config.system.build.toplevel.drvPath;
        loader = { systemdBoot = config.boot.loader.systemd-boot.enable; grub = config.boot.loader.grub.devices;
          esp = config.boot.loader.efi.efiSysMountPoint; };
        mounts = builtins.mapAttrs (_: entry: "\${entry.device} \${entry.fsType}") config.fileSystems;
        swaps = map (swap: swap.device) config.swapDevices;
        interfaces = builtins.mapAttrs (_: one: { v4 = map (a: "\${a.address}/\${toString a.prefixLength}") one.ipv4.addresses;
          v6 = map (a: a.address) one.ipv6.addresses; dhcp = one.useDHCP; }) config.networking.interfaces;
        gateway = if config.networking.defaultGateway == null then null else config.networking.defaultGateway.address;
        manager = config.networking.networkmanager.enable;
        names = config.networking.nameservers;
        users = builtins.mapAttrs (_: user: {
          inherit (user) isNormalUser uid extraGroups description;
          keys = user.openssh.authorizedKeys.keys;
        }) config.users.users;
        docker = config.users.groups.docker.gid or null;
        sudo = { wheel = config.security.sudo.wheelNeedsPassword;
          rules = map (rule: { inherit (rule) users; commands = map (c: c.command) rule.commands; }) config.security.sudo.extraRules; };
        ports = config.services.openssh.ports;
        root = config.services.openssh.settings.PermitRootLogin;
        trusted = config.nix.settings.trusted-users or [ ];
        params = config.boot.kernelParams;
        zone = config.time.timeZone;
      }`,
    );
  });

  test("boots, mounts, swaps and listens as the host did, and lets in whom it let in", () => {
    expect(hosts.tower).toMatchObject({
      drv: expect.stringContaining("nixos-system-tower"),
      loader: { systemdBoot: true, esp: "/efi" },
      mounts: {
        "/": "/dev/disk/by-uuid/1111 ext4",
        "/efi": "/dev/disk/by-uuid/2222 vfat",
        "/music box": "nas:/music nfs",
      },
      swaps: ["/swapfile"],
      interfaces: { enp3s0: { v4: ["192.168.1.5/24"], v6: ["fd00::5"], dhcp: false } },
      gateway: "192.168.1.1",
      names: ["192.168.1.1"],
      users: {
        root: { keys: ["ssh-ed25519 AAAAroot root@desk"] },
        ada: {
          isNormalUser: true,
          uid: 1000,
          extraGroups: ["wheel", "docker"],
          description: 'Ada "the first" Lovelace',
          keys: ["ssh-ed25519 AAAAada ada@desk"],
        },
        deploy: { isNormalUser: false, uid: 998, keys: ["ssh-ed25519 AAAAdeploy ci"] },
      },
      docker: 131,
      sudo: { wheel: false, rules: expect.arrayContaining([{ users: ["deploy"], commands: ["ALL"] }]) },
      trusted: expect.arrayContaining(["deploy"]),
      params: expect.arrayContaining(["mitigations=off"]),
      zone: "Europe/Berlin",
    });
    expect(Object(hosts.tower).ports).toEqual(expect.arrayContaining([22, 2222]));
    expect(hosts.web).toMatchObject({
      drv: expect.stringContaining("nixos-system-web"),
      loader: { systemdBoot: false, grub: ["/dev/vda"] },
      manager: true,
      root: "yes",
    });
  });

  test("says what it could not take over", () => {
    const said = (missing: ReadonlyArray<string>) => missing.join("\n");
    const tower = said(bases.tower.missing);
    for (const what of [
      "passwords (ada)",
      "user postgres",
      "nagios ALL=(root)",
      "br0 (bridge)",
      "nginx.service",
      "sops-nix",
    ])
      expect(tower).toContain(what);
    expect(tower).not.toContain("sshd.service");
    expect(bases.tower.stateVersion).toBe("24.11");
    const web = said(bases.web.missing);
    for (const what of ["the name rented", "NetworkManager", "warning: a thing", "stateVersion"])
      expect(web).toContain(what);
  });
});

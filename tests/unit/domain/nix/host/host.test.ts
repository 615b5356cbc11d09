import { describe, expect, test } from "@jest/globals";
import type { Edge } from "../../../../../src/domain/graph/edge.ts";
import type { HostNode } from "../../../../../src/domain/graph/node.ts";
import { leafModule } from "../../../../../src/domain/nix/host/leaf.ts";
import { graph, host, loadBalancer, postgresql, runsOn, service } from "../graphs.ts";
import { configurations } from "../rendering.ts";
import { treeValue } from "../tree.ts";

const configured = (more: Partial<HostNode>) => configurations(graph([host("leaf-1", more)]))["leaf-1"];

describe("a host", () => {
  test("has its name, system and release", () => {
    expect(configured({ system: "aarch64-linux", stateVersion: "25.11" })).toMatchObject({
      networking: { hostName: "leaf-1" },
      nixpkgs: { hostPlatform: "aarch64-linux" },
      system: { stateVersion: "25.11" },
    });
  });

  test.each([
    ["/dev/vda1", "/dev/vda"],
    ["/dev/sdb12", "/dev/sdb"],
    ["/dev/nvme0n1p2", "/dev/nvme0n1"],
    ["/dev/disk/by-id/ata-disk-part1", "/dev/disk/by-id/ata-disk"],
    ["/dev/disk/by-label/nixos", "nodev"],
  ])("with the root device %s has its boot loader on %s", (rootDevice, disk) => {
    expect(configured({ rootDevice })).toMatchObject({
      fileSystems: { "/": { device: rootDevice, fsType: "ext4" } },
      boot: { loader: { grub: { device: disk } } },
    });
  });

  test("with a root device boots on virtual machines too", () => {
    const modules = (more: Partial<HostNode>) =>
      JSON.stringify(configured({ rootDevice: "/dev/vda1", ...more })?.boot?.initrd);
    for (const driver of ["virtio_pci", "virtio_blk", "virtio_scsi"]) {
      expect(modules({})).toContain(driver);
      expect(modules({ system: "aarch64-linux" })).toContain(driver);
    }
    // The kernels of other processors do not have it, and a build stops at a driver that is not there.
    expect(modules({ system: "aarch64-linux" })).not.toContain("xen");
  });

  test("imports the operator's modules, relative to the flake or absolute", () => {
    expect(configured({ imports: ["./hardware/a b.nix", "x.nix", "/etc/nixos/y.nix"] })?.imports).toEqual([
      "../modules/leaf.nix",
      "../hardware/a b.nix",
      "../x.nix",
      "/etc/nixos/y.nix",
    ]);
  });

  test("can be deployed over ssh, also where the keys are in a home directory", () => {
    expect(configured({ ssh: { port: 2222 } })?.services?.openssh).toEqual({ ports: [2222] });
    expect(treeValue(leafModule)).toMatchObject({
      services: { openssh: { enable: true, authorizedKeysInHomedir: true } },
    });
  });
});

describe("the firewall of a host", () => {
  const nodes = [
    host("leaf-1"),
    host("leaf-2"),
    host("leaf-3", { address: "fd00::3" }),
    service("web", { port: 8080 }),
    service("near", { port: 9000 }),
    service("far"),
  ];
  const placed = [...runsOn("web", "leaf-1"), ...runsOn("near", "leaf-1"), ...runsOn("far", "leaf-2", "leaf-3")];
  const firewall = (...edges: ReadonlyArray<Edge>) =>
    configurations(graph(nodes, placed, edges))["leaf-1"]?.networking?.firewall;

  test("is closed", () => {
    const edges: ReadonlyArray<Edge> = [
      { from: "far", to: "web", type: "depends-on" },
      { from: "far", to: "web", type: "data-flow" },
    ];
    expect(firewall(...edges)).toBeUndefined();
    expect(treeValue(leafModule)).toMatchObject({
      networking: { nftables: { enable: true }, firewall: { enable: true } },
    });
  });

  test("opens a path by the source's addresses, the target's port and the protocol", () => {
    expect(firewall({ from: "far", to: "web", type: "connects-to", protocol: "http" })).toEqual({
      extraInputRules:
        "ip saddr 10.0.0.2 tcp dport 8080 accept # far to web\nip6 saddr fd00::3 tcp dport 8080 accept # far to web\n",
    });
  });

  test("opens the edge's port where it has one, and UDP where it says so", () => {
    expect(firewall({ from: "far", to: "web", type: "connects-to", protocol: "UDP", port: 53 })).toMatchObject({
      extraInputRules:
        "ip saddr 10.0.0.2 udp dport 53 accept # far to web\nip6 saddr fd00::3 udp dport 53 accept # far to web\n",
    });
  });

  test("opens nothing for connections inside the host", () => {
    expect(firewall({ from: "near", to: "web", type: "connects-to", protocol: "http" })).toBeUndefined();
  });

  test("opens a path for a host itself", () => {
    expect(firewall({ from: "leaf-2", to: "web", type: "connects-to", protocol: "http" })).toMatchObject({
      extraInputRules: "ip saddr 10.0.0.2 tcp dport 8080 accept # leaf-2 to web\n",
    });
  });

  test("opens the ports of public services to everyone", () => {
    const services = [
      service("b", { port: 443, public: true }),
      service("a", { port: 80, public: true }),
      service("c", { port: 81 }),
    ];
    const [leaf] = Object.values(configurations(graph([host("leaf-1"), ...services])));
    expect(leaf?.networking?.firewall).toEqual({ allowedTCPPorts: [80, 443] });
  });

  test("opens a service's port to the hosts of its load balancers, and a database's to those of its standbys", () => {
    const [leaf] = Object.values(
      configurations(
        graph(
          [
            host("leaf-1"),
            host("leaf-2"),
            service("web", { port: 8080 }),
            loadBalancer("front", { port: 80 }),
            postgresql("db"),
            postgresql("standby"),
          ],
          [...runsOn("web", "leaf-1"), ...runsOn("db", "leaf-1")],
          [...runsOn("front", "leaf-2"), ...runsOn("standby", "leaf-2")],
          { from: "front", to: "web", type: "load-balances" },
          { from: "standby", to: "db", type: "replicates" },
        ),
      ),
    );
    expect(leaf?.networking?.firewall?.extraInputRules).toBe(
      "ip saddr 10.0.0.2 tcp dport 5432 accept # standby to db\nip saddr 10.0.0.2 tcp dport 8080 accept # front to web\n",
    );
  });

  test("lets hosts with DNS names in by sets of addresses, which a unit keeps up to date", () => {
    const named = [
      host("leaf-1"),
      host("leaf-2", { address: "leaf-2.example.org" }),
      service("web", { port: 80 }),
      service("far"),
    ];
    const leaf = configurations(
      graph(named, runsOn("web", "leaf-1"), runsOn("far", "leaf-2"), {
        from: "far",
        to: "web",
        type: "connects-to",
        protocol: "http",
      }),
    )["leaf-1"];
    expect(leaf?.networking).toMatchObject({
      firewall: {
        extraInputRules:
          "ip saddr @leaf-2-v4 tcp dport 80 accept # far to web\nip6 saddr @leaf-2-v6 tcp dport 80 accept # far to web\n",
      },
      nftables: {
        tables: { "nixos-fw": { content: "set leaf-2-v4 { type ipv4_addr; }\nset leaf-2-v6 { type ipv6_addr; }\n" } },
      },
    });
    expect(leaf?.systemd?.services?.["cim-firewall-names"]?.serviceConfig?.ExecStart).toBe(
      "<programs.resolveNames>/bin/resolve-names leaf-2 leaf-2.example.org",
    );
    expect(leaf?.systemd?.timers?.["cim-firewall-names"]?.timerConfig).toMatchObject({ OnUnitInactiveSec: "1min" });
  });
});

describe("the names that a host knows", () => {
  test("are those of the nodes that its nodes connect to", () => {
    const hosts = configurations(
      graph(
        [
          host("leaf-1"),
          host("leaf-2"),
          service("web"),
          service("api", { port: 1 }),
          postgresql("db"),
          service("other"),
        ],
        [
          ...runsOn("web", "leaf-1"),
          ...runsOn("other", "leaf-2"),
          ...runsOn("db", "leaf-2"),
          ...runsOn("api", "leaf-1", "leaf-2"),
        ],
        { from: "web", to: "db", type: "connects-to", protocol: "postgresql" },
        { from: "web", to: "api", type: "connects-to", protocol: "http" },
      ),
    );
    expect(hosts["leaf-1"]?.networking?.hosts).toEqual({ "10.0.0.2": ["db"], "127.0.0.1": ["api"] });
    expect(hosts["leaf-2"]?.networking).not.toHaveProperty("hosts");
  });
});

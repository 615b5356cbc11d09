import { describe, expect, test } from "@jest/globals";
import type { Edge } from "../../../../src/domain/graph/edge.ts";
import type { HostNode } from "../../../../src/domain/graph/node.ts";
import { graph, host, postgresql, runsOn, service } from "./graphs.ts";
import { configurations, problemsOf } from "./rendering.ts";

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

  test("imports the operator's modules, relative to the flake or absolute", () => {
    expect(configured({ imports: ["./hardware/a b.nix", "x.nix", "/etc/nixos/y.nix"] })?.imports).toEqual([
      "../hardware/a b.nix",
      "../x.nix",
      "/etc/nixos/y.nix",
    ]);
  });

  test("can be deployed over ssh, also where the keys are in a home directory", () => {
    expect(configured({ ssh: { port: 2222 } })?.services?.openssh).toEqual({
      enable: true,
      ports: [2222],
      authorizedKeysInHomedir: true,
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
    expect(firewall(...edges)).toEqual({ enable: true, allowedTCPPorts: [] });
    expect(configured({})?.networking?.nftables).toEqual({ enable: true });
  });

  test("opens a path by the source's addresses, the target's port and the protocol", () => {
    expect(firewall({ from: "far", to: "web", type: "connects-to", protocol: "http" })).toEqual({
      enable: true,
      allowedTCPPorts: [],
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
    expect(firewall({ from: "near", to: "web", type: "connects-to", protocol: "http" })).not.toHaveProperty(
      "extraInputRules",
    );
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
    expect(leaf?.networking?.firewall).toEqual({ enable: true, allowedTCPPorts: [80, 443] });
  });

  test("cannot be opened to a host whose address is a name, or to a port that nobody knows", () => {
    const edge = { from: "far", to: "web", type: "connects-to", protocol: "http" } as const;
    const named = [
      host("leaf-1"),
      host("leaf-2", { address: "leaf-2.example.org" }),
      service("web", { port: 80 }),
      service("far"),
    ];
    expect(problemsOf(graph(named, runsOn("web", "leaf-1"), runsOn("far", "leaf-2"), edge))).toEqual([
      { node: "far", reason: expect.stringContaining('"leaf-2.example.org" is no IP address') },
    ]);
    expect(problemsOf(graph(nodes, placed, { ...edge, from: "web", to: "far" }))).toEqual([
      { node: "web", reason: expect.stringContaining("neither has the edge a `port` nor far") },
    ]);
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

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Edge } from "../../../../../src/domain/graph/edge.ts";
import type { StorageNode } from "../../../../../src/domain/graph/node.ts";
import { mountPoint } from "../../../../../src/domain/graph/node-types/storage.ts";
import { graph, host, runsOn, service } from "../graphs.ts";
import { configurations } from "../rendering.ts";

const storage = (more: Partial<StorageNode>): StorageNode => ({
  id: "data",
  type: "storage",
  kind: "local-disk",
  size: "10Gi",
  mountPath: "/srv/data",
  accessMode: "read-write-many",
  ...more,
});

const nodes = [host("leaf-1"), host("leaf-2"), host("leaf-3", { address: "fd00::3" }), service("web"), service("api")];
const places = [...runsOn("web", "leaf-1"), ...runsOn("api", "leaf-2", "leaf-3")];

const near = (more: Partial<Edge> = {}): Edge => ({ from: "web", to: "data", type: "mounts-volume", ...more }) as Edge;
const far = (more: Partial<Edge> = {}): Edge => ({ from: "api", to: "data", type: "mounts-volume", ...more }) as Edge;

/** `data` on leaf-1, where `web` runs too; `api` runs on the others. */
const placed = (more: Partial<StorageNode>, ...edges: ReadonlyArray<Edge>) =>
  configurations(graph([...nodes, storage(more)], places, runsOn("data", "leaf-1"), edges));

/** `data` on none of the hosts. */
const outside = (more: Partial<StorageNode>, ...edges: ReadonlyArray<Edge>) =>
  configurations(graph([...nodes, storage(more)], places, edges));

describe("a disk", () => {
  test("is mounted at its path, made where it is empty and grown to its device", () => {
    expect(placed({ device: "/dev/vdb" })["leaf-1"]?.fileSystems).toEqual({
      "/srv/data": {
        device: "/dev/vdb",
        fsType: "ext4",
        autoResize: true,
        options: ["nofail", "x-systemd.device-timeout=30s", "x-systemd.requires=cim-format-data.service"],
      },
    });
    const format = placed({ device: "/dev/vdb" })["leaf-1"]?.systemd?.services?.["cim-format-data"];
    expect(format).toMatchObject({ unitConfig: { DefaultDependencies: false } });
    expect(String(format?.serviceConfig?.ExecStart)).toContain("/dev/vdb");
  });

  test("is a partition of its name where a block storage names no device, and a folder where a local disk names none", () => {
    expect(placed({ kind: "block-storage" })["leaf-1"]?.fileSystems?.["/srv/data"]?.device).toBe(
      "/dev/disk/by-partlabel/data",
    );
    expect(placed({})["leaf-1"]).not.toHaveProperty("fileSystems");
  });

  test("of any name is one field of fstab; of a blank name it is none", () => {
    const device = (text: string) => placed({ device: text })["leaf-1"]?.fileSystems?.["/srv/data"]?.device;
    expect(device("#a\n/dev/vdb / ext4\\040")).toBe("\\043a\\012/dev/vdb / ext4\\134040");
    expect(device(" \n")).toBeUndefined();
  });

  test("that is only read is neither made nor written", () => {
    const mounted = placed({ device: "/dev/vdb", accessMode: "read-only-many" })["leaf-1"]?.fileSystems?.["/srv/data"];
    expect(mounted?.options).toContain("ro");
    expect(String(mounted?.options)).not.toContain("cim-format");
  });

  test("is at other paths too where its nodes want it there, once", () => {
    const leaf = placed({}, near({ mountPath: "/var/www/", readOnly: true }), near({ id: "e", mountPath: "/var/www" }))[
      "leaf-1"
    ];
    expect(leaf?.fileSystems).toEqual({
      "/var/www": {
        device: "/srv/data",
        fsType: "none",
        options: ["bind", "nofail", "x-systemd.requires=data.service"],
      },
    });
    const read = placed({}, near({ mountPath: "/var/www", readOnly: true }))["leaf-1"];
    expect(read?.fileSystems?.["/var/www"]?.options).toContain("ro");
  });

  test("is each host's own where it runs on several", () => {
    const hosts = configurations(
      graph([...nodes, storage({ device: "/dev/vdb" })], places, runsOn("data", "leaf-1", "leaf-2", "leaf-3"), far()),
    );
    expect(Object.values(hosts).map(({ fileSystems }) => fileSystems?.["/srv/data"]?.device)).toEqual([
      "/dev/vdb",
      "/dev/vdb",
      "/dev/vdb",
    ]);
    expect(hosts["leaf-1"]?.services).not.toHaveProperty("nfs");
  });
});

describe("a volume that other hosts mount", () => {
  test.each(["local-disk", "block-storage", "network-fs"] as const)(
    "as a %s is served by NFS to exactly them",
    (kind) => {
      const hosts = placed({ kind, mountPath: "/srv/a b\\#" }, near(), far({ readOnly: true }));
      expect(hosts["leaf-1"]?.services?.nfs).toEqual({
        server: {
          enable: true,
          exports:
            "/srv/a\\040b\\134\\043 10.0.0.2(ro,sync,all_squash,no_subtree_check) fd00::3(ro,sync,all_squash,no_subtree_check)\n",
        },
        settings: { nfsd: { vers3: false } },
      });
      expect(hosts["leaf-1"]?.systemd?.services?.["nfs-server"]).toEqual({
        after: ["data.service"],
        wants: ["data.service"],
      });
      expect(hosts["leaf-1"]?.networking?.firewall?.extraInputRules).toBe(
        "ip saddr 10.0.0.2 tcp dport 2049 accept # api to data\nip6 saddr fd00::3 tcp dport 2049 accept # api to data\n",
      );
      expect(hosts["leaf-2"]?.fileSystems).toEqual({
        "/srv/a b\\#": {
          mountPoint: "/srv/a b\\134\\043",
          device: "10.0.0.1:/srv/a b\\134\\043",
          fsType: "nfs4",
          options: ["nofail", "_netdev", "nosuid", "nodev", "retry=10", "x-systemd.mount-timeout=11min", "ro"],
        },
      });
    },
  );

  test("may be written by hosts with one node that writes, unless it is only read", () => {
    const exports = (more: Partial<StorageNode>) =>
      placed(more, far({ readOnly: true }), far({ id: "more" }))["leaf-1"]?.services?.nfs?.server?.exports;
    expect(exports({ kind: "network-fs" })).toContain("10.0.0.2(rw,");
    expect(exports({ kind: "network-fs", accessMode: "read-only-many" })).toContain("10.0.0.2(ro,");
  });

  test("is kept by the first host it runs on; the others mount it", () => {
    const hosts = configurations(
      graph([...nodes, storage({ kind: "network-fs" })], places, runsOn("data", "leaf-2", "leaf-1")),
    );
    expect(hosts["leaf-2"]?.fileSystems?.["/srv/data"]?.device).toBe("10.0.0.1:/srv/data");
    expect(hosts["leaf-2"]?.systemd?.services?.data?.serviceConfig?.ExecStart).toContain("/bin/mountpoint");
    expect(hosts["leaf-1"]?.services?.nfs?.server?.exports).toContain("10.0.0.2(rw,");
  });
});

describe("a network file system elsewhere", () => {
  test.each([
    ["nas:/export/data", "nas:/export/data"],
    ["[fd00::9]:/x", "[fd00::9]:/x"],
    [undefined, "data:/srv/data"],
  ])("with the device %j is mounted from %s where nodes want it", (device, expected) => {
    const more = device === undefined ? {} : { device };
    const hosts = outside({ kind: "network-fs", ...more }, near({ mountPath: "/mnt" }));
    expect(hosts["leaf-1"]?.fileSystems?.["/mnt"]).toMatchObject({ device: expected, fsType: "nfs4" });
    expect(hosts["leaf-2"]).not.toHaveProperty("fileSystems");
  });

  test("is not served by the host that it is placed on", () => {
    const hosts = placed({ kind: "network-fs", device: "nas:/x" }, far());
    expect(hosts["leaf-1"]?.services).not.toHaveProperty("nfs");
    expect(hosts["leaf-1"]?.fileSystems?.["/srv/data"]?.device).toBe("nas:/x");
  });
});

describe("an object store", () => {
  const credentials = 'env_auth=true,shared_credentials_file="/run/secrets/cim/data/credentials"';

  test("of another host is mounted as the bucket of its name", () => {
    const leaf = placed({ kind: "object-store" }, near(), far())["leaf-2"];
    expect(leaf?.fileSystems?.["/srv/data"]).toMatchObject({
      device: `:s3,provider=Rclone,${credentials},endpoint="http://10.0.0.1:9000":data`,
      fsType: "rclone",
      noCheck: true,
      options: expect.arrayContaining(["_netdev", "allow_other", "vfs_cache_mode=writes"]),
    });
    expect(leaf?.environment?.systemPackages).toEqual(["<pkgs.rclone>"]);
  });

  test.each([
    [undefined, `:s3,provider=AWS,${credentials}:data`],
    ["s3://my-bucket/sub", `:s3,provider=AWS,${credentials}:my-bucket/sub`],
    [
      "https://s3.example.org:8443/b/c d",
      `:s3,provider=Other,${credentials},endpoint="https://s3.example.org:8443":b/c d`,
    ],
  ])("elsewhere, with the device %j, is %s", (device, expected) => {
    const more = device === undefined ? {} : { device };
    const leaf = outside({ kind: "object-store", ...more }, near())["leaf-1"];
    expect(leaf?.fileSystems?.["/srv/data"]?.device).toBe(expected);
  });
});

describe("volumes", () => {
  test("of one path on one host are the first by id", () => {
    const both = graph(
      [host("leaf-1"), storage({ id: "b", device: "/dev/vdb" }), storage({ id: "a", device: "/dev/vda" })],
      [],
    );
    expect(configurations(both)["leaf-1"]?.fileSystems?.["/srv/data"]?.device).toBe("/dev/vda");
  });

  test("with long ids have groups of their own", () => {
    const long = "x".repeat(40);
    const both = graph([host("leaf-1"), storage({ id: `${long}1` }), storage({ id: `${long}2`, mountPath: "/b" })]);
    const groups = Object.keys(configurations(both)["leaf-1"]?.users?.groups ?? {});
    expect(groups).toHaveLength(2);
    for (const group of groups) expect(group).toMatch(/^cim-vol-x{14}-[0-9a-z]{8}$/);
  });
});

describe("mountPoint", () => {
  test("is a path that NixOS takes, and itself where it is one already", () => {
    const path = fc.array(fc.constantFrom("a", "..", ".", "", " ", "b\\")).map((parts) => `/${parts.join("/")}`);
    fc.assert(
      fc.property(path, (text) => {
        const point = mountPoint(text);
        expect(point).toMatch(/^\/$|^(?:\/[^/]+)+$/);
        expect(point.split("/").some((part) => part === "." || part === "..")).toBe(false);
        expect(mountPoint(point)).toBe(point);
      }),
    );
  });
});

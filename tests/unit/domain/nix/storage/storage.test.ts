import { describe, expect, test } from "@jest/globals";
import type { Edge } from "../../../../../src/domain/graph/edge.ts";
import type { StorageNode } from "../../../../../src/domain/graph/node.ts";
import { specify } from "../../../../../src/domain/nix/mod.ts";
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

/** `data` on leaf-1, which `web` on leaf-1 and `api` on leaf-2 mount. */
const graphOf = (more: Partial<StorageNode>, ...edges: ReadonlyArray<Edge>) =>
  graph(
    [host("leaf-1"), host("leaf-2"), host("leaf-3"), service("web"), service("api"), storage(more)],
    runsOn("data", "leaf-1"),
    runsOn("web", "leaf-1"),
    runsOn("api", "leaf-2"),
    edges,
  );

const near: Edge = { from: "web", to: "data", type: "mounts-volume" };
const far: Edge = { from: "api", to: "data", type: "mounts-volume" };

const unitsOf = (...args: Parameters<typeof graphOf>) => configurations(graphOf(...args))["leaf-1"]?.systemd?.services;

describe("a volume", () => {
  test("is up when its folder is there, for the group of those that mount it", () => {
    const units = unitsOf({}, near);
    expect(units?.data).toEqual({
      description: "data, a volume of the deployment graph",
      wantedBy: ["multi-user.target"],
      unitConfig: { RequiresMountsFor: ["/srv/data"] },
      serviceConfig: {
        Type: "oneshot",
        RemainAfterExit: true,
        ExecStart: "<programs.prepareVolume>/bin/prepare-volume /srv/data cim-vol-data",
      },
    });
    expect(units?.web).toMatchObject({
      after: ["network-online.target", "data.service"],
      requires: ["data.service"],
      unitConfig: { RequiresMountsFor: ["/srv/data"] },
      serviceConfig: { ReadWritePaths: ["/srv/data"], SupplementaryGroups: ["cim-vol-data"] },
    });
    expect(configurations(graphOf({}, near))["leaf-1"]?.users?.groups).toEqual({ "cim-vol-data": {} });
  });

  test("lets other hosts in as one user of this host", () => {
    expect(unitsOf({}, far)?.data?.serviceConfig?.ExecStart).toBe(
      "<programs.prepareVolume>/bin/prepare-volume /srv/data cim-vol-data nobody",
    );
  });

  test("that is only read is not written to by anyone", () => {
    const units = unitsOf({ accessMode: "read-only-many", device: "/dev/vdb" }, near);
    expect(units?.data?.serviceConfig?.ExecStart).toBe("<pkgs.util-linux>/bin/mountpoint --quiet /srv/data");
    expect(units?.web?.serviceConfig).toMatchObject({ ReadOnlyPaths: ["/srv/data"] });
    expect(units?.web?.serviceConfig).not.toHaveProperty("ReadWritePaths");
  });

  test("keeps the characters of its path, in the form that NixOS takes", () => {
    const units = unitsOf({ mountPath: '/srv//a b/./"c"%/x/../' }, near);
    expect(units?.data?.serviceConfig?.ExecStart).toContain('prepare-volume "/srv/a b/\\"c\\"%%" cim-vol-data');
    expect(units?.web?.serviceConfig?.ReadWritePaths).toEqual(['"/srv/a b/\\"c\\"%%"']);
  });

  test("at the root of a host changes nothing there", () => {
    const leaf = configurations(graphOf({ mountPath: "/.", device: "/dev/vdb" }, near))["leaf-1"];
    expect(leaf?.systemd?.services?.data?.serviceConfig?.ExecStart).toBe("<pkgs.util-linux>/bin/mountpoint --quiet /");
    expect(leaf).not.toHaveProperty("fileSystems");
  });
});

describe("an object store", () => {
  const objects = { kind: "object-store" } as const;

  test("is served by its host, to whoever has its key and mounts it", () => {
    const hosts = configurations(graphOf(objects, near, far));
    expect(hosts["leaf-1"]?.systemd?.services?.data).toMatchObject({
      environment: { RCLONE_CONFIG_STORE_TYPE: "combine", RCLONE_CONFIG_STORE_UPSTREAMS: '"data=/srv/data"' },
      serviceConfig: {
        ExecStartPre: ["+<programs.prepareVolume>/bin/prepare-volume /srv/data cim-vol-data"],
        ExecStart: "<programs.serveBucket>/bin/serve-bucket 0.0.0.0:9000",
        DynamicUser: true,
        SupplementaryGroups: ["cim-vol-data"],
        ReadWritePaths: ["/srv/data"],
        LoadCredential: ["credentials:/run/secrets/cim/data/credentials"],
      },
    });
    expect(hosts["leaf-1"]?.networking?.firewall?.extraInputRules).toBe(
      "ip saddr 10.0.0.2 tcp dport 9000 accept # api to data\n",
    );
    expect(unitsOf(objects, near)?.data?.serviceConfig?.ExecStart).toContain("127.0.0.1:9000");
  });

  test("has a port of its own beside others", () => {
    const document = graph(
      [host("leaf-1"), storage({ ...objects, id: "a", mountPath: "/a" }), storage({ ...objects, id: "b" })],
      [],
    );
    const services = configurations(document)["leaf-1"]?.systemd?.services;
    expect([services?.a?.serviceConfig?.ExecStart, services?.b?.serviceConfig?.ExecStart]).toEqual([
      expect.stringContaining(":9000"),
      expect.stringContaining(":9001"),
    ]);
  });

  test("has its key on its host and on those that mount it", () => {
    const secrets = [...specify(graphOf(objects, near, far))].map((leaf) => leaf.secrets.map(({ path }) => path));
    const key = "/run/secrets/cim/data/credentials";
    expect(secrets).toEqual([[key], [key], []]);
  });
});

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is text for Nix that is meant
import { describe, expect, test } from "@jest/globals";
import type { ServiceNode } from "../../../../../src/domain/graph/node.ts";
import { specify } from "../../../../../src/domain/nix/mod.ts";
import { graph, host, nats, postgresql, redis, runsOn, service } from "../graphs.ts";
import { configurations, filesOf } from "../rendering.ts";

/** The unit of a service alone on a host. */
const unitOf = (more: Partial<ServiceNode>) =>
  configurations(graph([host("leaf-1"), service("web", more)]))["leaf-1"]?.systemd?.services?.web;

describe("the command of a service", () => {
  test("is passed on exactly: quotes, backslashes, specifiers and variables are escaped as systemd wants it", () => {
    const args = ["plain", "two words", 'a "b"', "it's", "50%", "$HOME ${x}", "\\", "a\nb\tc\r\u0001", ";", "", "ü"];
    expect(unitOf({ command: "/opt/my app/100%/web", args })?.serviceConfig?.ExecStart).toBe(
      [
        '"/opt/my app/100%%/web"',
        "plain",
        '"two words"',
        '"a \\"b\\""',
        '"it\'s"',
        '"50%%"',
        '"$$HOME $${x}"',
        '"\\\\"',
        '"a\\nb\\tc\\r\\x01"',
        '";"',
        '""',
        '"ü"',
      ].join(" "),
    );
  });

  test("is found in its package, or in the system's profile where it is only a name", () => {
    expect(unitOf({ command: "web", package: "hello" })?.serviceConfig?.ExecStart).toBe("<pkgs.hello>/bin/web");
    expect(unitOf({ command: "web" })?.serviceConfig?.ExecStart).toBe("/run/current-system/sw/bin/web");
    expect(unitOf({ command: "/bin/web", package: "a.b" })).toMatchObject({
      path: ["<pkgs.a.b>"],
      serviceConfig: { ExecStart: "/bin/web" },
    });
  });

  test("may be any file below bin, however it is called", () => {
    expect(unitOf({ command: "-web server" })?.serviceConfig?.ExecStart).toBe(
      '"/run/current-system/sw/bin/-web server"',
    );
    expect(unitOf({ command: "sub/web", package: "hello" })?.serviceConfig?.ExecStart).toBe("<pkgs.hello>/bin/sub/web");
  });

  test.each(["/opt/it's", '/opt/"web"', "/opt/a\\b", "/opt/a\nb", "/opt/web/"])(
    "%j is run by a shell, since systemd does not take such a path",
    (command) => {
      const start = unitOf({ command, args: ["x"] })?.serviceConfig?.ExecStart;
      expect(start).toMatch(/^<pkgs\.runtimeShell> -c "exec \\"\$\$0\\" \\"\$\$@\\"" .* x$/);
    },
  );
});

describe("the environment of a service", () => {
  test("survives exactly, with systemd's specifiers escaped", () => {
    const environment = { MOTD: "it's ${not} a ''nix'' string\n\"ok\" – ünï", LOAD: "50%", HOME: "$HOME\\" };
    expect(unitOf({ environment })?.environment).toEqual({ ...environment, LOAD: "50%%" });
  });

  test("comes from files on the host too, so that secrets are not in the store", () => {
    expect(unitOf({ environmentFiles: ["/run/a b/%", "-/run/c"] })?.serviceConfig?.EnvironmentFile).toEqual([
      "/run/a b/%%",
      "-/run/c",
    ]);
  });

  test("passes control characters and unusual names on by env, since systemd would drop them", () => {
    const unit = unitOf({ environment: { A: "a\rb", B: "c", "d-ü": "e" }, args: ["x"] });
    expect(unit?.environment).toEqual({ B: "c" });
    expect(unit?.serviceConfig?.ExecStart).toBe('<pkgs.coreutils>/bin/env "A=a\\rb" "d-ü=e" /bin/web x');
  });
});

describe("a service", () => {
  test("runs as a user that systemd makes up", () => {
    expect(unitOf({})?.serviceConfig).toMatchObject({
      DynamicUser: true,
      User: "web",
      Restart: "always",
      StateDirectory: "web",
    });
  });

  test.each(["nats", "sshd", "postgres", "redis-x", "cim-x", "node-x"])(
    "called %s gets another unit, since NixOS or CIM Leaf has a use for that name",
    (id) => {
      const { services } = configurations(graph([host("leaf-1"), service(id)]))["leaf-1"]?.systemd ?? {};
      expect(Object.keys(services ?? {})).toEqual([`node-${id}`]);
    },
  );

  test("with a long id runs as a user with a shorter name of its own", () => {
    const id = "a".repeat(40);
    const { services } = configurations(graph([host("leaf-1"), service(id)]))["leaf-1"]?.systemd ?? {};
    expect(services?.[id]?.serviceConfig?.User).toMatch(/^a+-[0-9a-z]+$/);
    expect(String(services?.[id]?.serviceConfig?.User).length).toBeLessThanOrEqual(31);
  });

  test("is fenced in, unless it is to run as root", () => {
    const fenced = (user?: string) =>
      filesOf(graph([host("leaf-1"), service("web", user === undefined ? {} : { user })]))["hosts/leaf-1.nix"];
    expect(fenced()).toContain("serviceConfig = hardening // {");
    expect(fenced("www")).toContain('ProtectSystem = "full";');
    expect(fenced("root")).not.toContain("hardening");
  });

  test("may write to the volumes that it mounts and the SQLite databases that it uses, once they are there", () => {
    const files = configurations(
      graph(
        [
          host("leaf-1"),
          service("web"),
          {
            id: "data",
            type: "storage",
            kind: "local-disk",
            size: "1Gi",
            mountPath: "/srv/a b",
            accessMode: "read-write-once",
          },
          { id: "db", type: "database", engine: "sqlite" },
        ],
        { from: "web", to: "data", type: "mounts-volume" },
        { from: "web", to: "db", type: "connects-to", protocol: "sqlite" },
      ),
    )["leaf-1"]?.systemd?.services?.web;
    expect(files).toMatchObject({
      unitConfig: { RequiresMountsFor: ['"/srv/a b"', "/var/lib/sqlite/db"] },
      serviceConfig: {
        ReadWritePaths: ['"/srv/a b"', "/var/lib/sqlite/db"],
        SupplementaryGroups: ["cim-vol-data", "sqlite-db"],
      },
    });
  });

  test("runs as its own user where it names one, which then exists", () => {
    const leaf = configurations(
      graph([host("leaf-1"), service("web", { user: "www" }), service("api", { user: "www" })]),
    )["leaf-1"];
    expect(leaf?.systemd?.services?.web?.serviceConfig).toMatchObject({ User: "www" });
    expect(leaf?.systemd?.services?.web?.serviceConfig).not.toHaveProperty("DynamicUser");
    expect(leaf?.users).toEqual({ users: { www: { isSystemUser: true, group: "www" } }, groups: { www: {} } });
  });

  test.each([
    [
      { cpuCores: 2, memoryMb: 512 },
      { CPUQuota: "200%", MemoryMax: "512M" },
    ],
    [{ cpuCores: 0.123456 }, { CPUQuota: "12.35%" }],
    [{ cpuCores: 0.000001 }, { CPUQuota: "0.01%" }],
    [{ memoryMb: 0.5 }, { MemoryMax: "512K" }],
  ])("with the resources %j is limited to %j", (resources, limits) => {
    expect(unitOf({ resources })?.serviceConfig).toMatchObject(limits);
  });

  test("may bind a port below 1024", () => {
    expect(unitOf({ port: 443 })?.serviceConfig?.AmbientCapabilities).toEqual(["CAP_NET_BIND_SERVICE"]);
    expect(unitOf({ port: 1024 })?.serviceConfig).not.toHaveProperty("AmbientCapabilities");
  });
});

describe("the health check of a service", () => {
  const start = (more: Partial<ServiceNode>) => unitOf({ port: 8080, ...more })?.serviceConfig;

  test("is waited for when it starts, as long as it says", () => {
    const healthCheck = {
      kind: "http",
      path: "/healthz?a=%",
      intervalSeconds: 5,
      timeoutSeconds: 2,
      retries: 3,
    } as const;
    expect(start({ healthCheck })).toMatchObject({
      ExecStartPost: [
        '<programs.waitUntil>/bin/wait-until 3 5 2 <pkgs.curl>/bin/curl --fail --silent --show-error --globoff --output /dev/null "http://127.0.0.1:8080/healthz?a=%%"',
      ],
      TimeoutStartSec: 4 * 7 + 30,
    });
  });

  test("may be a connection or a command", () => {
    expect(start({ healthCheck: { kind: "tcp", retries: 0 } })?.ExecStartPost).toEqual([
      '<programs.waitUntil>/bin/wait-until 0 2 5 <pkgs.runtimeShell> -c "exec 3<>/dev/tcp/127.0.0.1/8080"',
    ]);
    expect(start({ healthCheck: { kind: "exec", command: 'test "$x"' } })?.ExecStartPost).toEqual([
      '<programs.waitUntil>/bin/wait-until 10 2 5 <pkgs.runtimeShell> -c "test \\"$$x\\""',
    ]);
  });

  test("is left out where it does not say what to check, which validation warns about", () => {
    expect(unitOf({ healthCheck: { kind: "http" } })?.serviceConfig).not.toHaveProperty("ExecStartPost");
    expect(unitOf({ healthCheck: { kind: "exec" } })?.serviceConfig).not.toHaveProperty("ExecStartPost");
  });

  test("goes on while the service runs, in a unit and timer of its own", () => {
    const { services, timers } =
      configurations(
        graph([host("leaf-1"), service("web", { port: 80, healthCheck: { kind: "tcp", intervalSeconds: 0.25 } })]),
      )["leaf-1"]?.systemd ?? {};
    expect(services?.["cim-health-web"]?.serviceConfig).toMatchObject({
      Type: "oneshot",
      ExecStart: '<programs.waitUntil>/bin/wait-until 10 0.25 5 <pkgs.runtimeShell> -c "exec 3<>/dev/tcp/127.0.0.1/80"',
      User: "web",
    });
    expect(timers?.["cim-health-web"]).toMatchObject({
      wantedBy: ["web.service"],
      partOf: ["web.service"],
      timerConfig: { OnActiveSec: "0.25s", OnUnitInactiveSec: "0.25s" },
    });
  });
});

describe("depends-on", () => {
  const nodes = [
    host("leaf-1"),
    host("leaf-2"),
    service("web"),
    service("api"),
    postgresql("db"),
    redis("cache"),
    service("far"),
  ];
  const placed = [
    ...["web", "api", "db", "cache"].flatMap((node) => runsOn(node, "leaf-1")),
    ...runsOn("far", "leaf-2"),
  ];
  const web = (...edges: Parameters<typeof graph>[1][]) =>
    configurations(graph(nodes, placed, ...edges))["leaf-1"]?.systemd?.services?.web;

  test("orders units of the same host, and requires them unless it says otherwise", () => {
    expect(
      web(
        { from: "web", to: "api", type: "depends-on" },
        { from: "web", to: "db", type: "depends-on", required: true },
        { from: "web", to: "cache", type: "depends-on", required: false },
      ),
    ).toMatchObject({
      after: ["network-online.target", "api.service", "redis-cache.service", "postgresql.target"],
      requires: ["api.service", "postgresql.target"],
      wants: ["network-online.target", "redis-cache.service"],
    });
  });

  test("that is only wished for does not order where it would close a cycle, which systemd would break", () => {
    expect(
      web(
        { from: "web", to: "api", type: "depends-on", required: false },
        { from: "web", to: "cache", type: "depends-on", required: false },
        { from: "api", to: "db", type: "depends-on" },
        { from: "db", to: "web", type: "depends-on" },
      ),
    ).toMatchObject({
      after: ["network-online.target", "redis-cache.service"],
      wants: ["network-online.target", "api.service", "redis-cache.service"],
    });
  });

  test("on another host orders no units: waves do", () => {
    const unit = web({ from: "web", to: "far", type: "depends-on" });
    expect(unit).toMatchObject({ after: ["network-online.target"] });
    expect(unit?.serviceConfig).not.toHaveProperty("ExecStartPre");
  });

  test("on another host waits for the port that it reaches there, at most two minutes", () => {
    const edges = (required: boolean) =>
      [
        { from: "web", to: "far", type: "depends-on", required, startupDelaySeconds: 3 },
        { from: "web", to: "far", type: "connects-to", protocol: "http", port: 9000 },
      ] as const;
    const wait = "<programs.waitForPort>/bin/wait-for-port 120 far 9000 10.0.0.2";
    expect(web(...edges(true))?.serviceConfig).toMatchObject({
      ExecStartPre: [wait, "<pkgs.coreutils>/bin/sleep 3"],
      TimeoutStartSec: 90 + 120 + 3,
    });
    expect(web(...edges(false))?.serviceConfig).toMatchObject({
      ExecStartPre: [`-${wait}`, "<pkgs.coreutils>/bin/sleep 3"],
    });
  });

  test("delays the start by the longest startupDelaySeconds", () => {
    expect(
      web(
        { from: "web", to: "api", type: "depends-on", startupDelaySeconds: 1 },
        { from: "web", to: "far", type: "depends-on", startupDelaySeconds: 2.5 },
      )?.serviceConfig?.ExecStartPre,
    ).toEqual(["<pkgs.coreutils>/bin/sleep 2.5"]);
  });

  test("orders databases too", () => {
    const edge = { from: "db", to: "api", type: "depends-on", startupDelaySeconds: 1 } as const;
    expect(configurations(graph(nodes, placed, edge))["leaf-1"]?.systemd?.services?.postgresql).toEqual({
      after: ["api.service"],
      requires: ["api.service"],
      serviceConfig: { ExecStartPre: ["<pkgs.coreutils>/bin/sleep 1"], TimeoutStartSec: 91 },
    });
  });
});

test("a service needs its password for a bus on which it has a right on its own host", () => {
  const document = graph(
    [host("leaf-1"), host("leaf-2"), nats("bus"), nats("free"), service("web"), service("guest")],
    [...runsOn("web", "leaf-1"), ...runsOn("guest", "leaf-1"), ...runsOn("bus", "leaf-2"), ...runsOn("free", "leaf-1")],
    { from: "web", to: "bus", type: "subscribes-to", topic: "orders" },
    { from: "web", to: "free", type: "connects-to", protocol: "nats" },
    { from: "guest", to: "bus", type: "connects-to", protocol: "nats" },
  );
  const secret = { path: "/run/secrets/cim/bus/web.password", content: "the password of web on bus, one line" };
  expect([...specify(document)].map(({ secrets }) => secrets)).toEqual([
    [{ ...secret, node: "web" }],
    [{ ...secret, node: "bus" }],
  ]);
  expect(configurations(document)["leaf-1"]?.systemd?.services?.web?.serviceConfig).not.toHaveProperty(
    "LoadCredential",
  );
});

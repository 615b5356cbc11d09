import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { everything, graph, host, nats, postgresql, redis, service } from "../../unit/domain/nix/graphs.ts";
import { filesOf } from "../../unit/domain/nix/rendering.ts";
import { describeWithNix, evaluateHosts, parse } from "./nix.ts";

/** The same value with `<name>` for each path in the store. */
const withoutStore = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll(/[^" ]*\/[a-z0-9]{32}-([a-z]+(?:-[a-z]+)*)[^/" ]*/g, "<$1>"));

describeWithNix("a generated flake, read by Nix", () => {
  test("parses, every file of it", () => {
    const files = Object.entries(filesOf(everything)).filter(([name]) => name.endsWith(".nix"));
    expect(files.length).toBeGreaterThan(1);
    for (const [, text] of files) parse(text);
  });

  test("parses, whatever is in the free text of a graph", () => {
    const text = fc
      .array(fc.constantFrom(..."a / \" ' '' $ \u0024{x} \\ % # */ ; } ü".split(" "), " ", "\n", "\r"), {
        minLength: 1,
        maxLength: 6,
      })
      .map((parts) => parts.join(""));
    const document = fc.tuple(text, text, text, text).map(([a, b, c, d]) => ({
      ...graph(
        [
          host("leaf-1", {
            imports: [a],
            files: { [a]: b },
            rootDevice: c,
            stateVersion: d,
            ssh: { user: a, identityFile: b },
          }),
          service("web", {
            command: `/${a}`,
            args: [b, c],
            environmentFiles: [`/${d.replaceAll(/[\r\n]/g, "")}`],
            port: 80,
            healthCheck: { kind: "http", path: b },
          }),
          service("check", { healthCheck: { kind: "exec", command: c } }),
          nats("bus", { leafRemotes: [{ url: "nats://hub", credentialsFile: `/${d}` }] }),
        ],
        { id: a, from: "web", to: "bus", type: "connects-to", protocol: b },
        { from: "web", to: "bus", type: "publishes-to", topic: c },
      ),
      description: d,
    }));
    const files = fc.sample(document, { numRuns: 200, seed: 6 }).flatMap((sample) => Object.entries(filesOf(sample)));
    const expressions = files.filter(([name]) => name.endsWith(".nix")).map(([, file]) => `(${file})`);
    parse(`[ ${expressions.join("\n")} ]`);
  });

  test("has a unit and a timer for each health check, as it is asked for", () => {
    const files = filesOf(
      graph([
        host("leaf-1", { rootDevice: "/dev/vda1" }),
        service("web", { port: 8080, healthCheck: { kind: "http", path: "/healthz?a=%" } }),
        service("redis", {
          user: "root",
          environment: { HOME: "/root" },
          environmentFiles: ["/run/50%"],
          healthCheck: {
            kind: "exec",
            command: 'test "$x"',
            intervalSeconds: 0.25,
            timeoutSeconds: 1,
            retries: 3,
          },
        }),
      ]),
    );
    const { "leaf-1": found } = evaluateHosts(
      files,
      `config:
      let
        unit = name: {
          inherit (config.systemd.services.\${name}) description after serviceConfig;
          environment = removeAttrs config.systemd.services.\${name}.environment [ "PATH" "LOCALE_ARCHIVE" "TZDIR" ];
        };
        timer = name: {
          inherit (config.systemd.timers.\${name}) description wantedBy partOf after timerConfig;
        };
      in
      {
        started = map (name: config.systemd.services.\${name}.serviceConfig.ExecStartPost) [ "web" "node-redis" ];
        units = map unit [ "cim-health-web" "cim-health-redis" ];
        timers = map timer [ "cim-health-web" "cim-health-redis" ];
      }`,
    );
    const http = `<wait-until>/bin/wait-until 10 2 5 <curl>/bin/curl --fail --silent --show-error --globoff --output /dev/null "http://127.0.0.1:8080/healthz?a=%%"`;
    const exec = '<wait-until>/bin/wait-until 3 0.25 1 <bash>/bin/bash -c "test \\"$$x\\""';
    const timer = (unit: string, every: string) => ({
      description: `Looks after the health of ${unit}`,
      wantedBy: [`${unit}.service`],
      partOf: [`${unit}.service`],
      after: [`${unit}.service`],
      timerConfig: { OnActiveSec: every, OnUnitInactiveSec: every, AccuracySec: "1s" },
    });
    expect(withoutStore(found)).toEqual({
      started: [[http], [exec]],
      units: [
        {
          description: "Health of web",
          after: ["web.service"],
          environment: {},
          serviceConfig: expect.objectContaining({
            Type: "oneshot",
            ExecStart: http,
            DynamicUser: true,
            User: "web",
            ProtectSystem: "strict",
            NoNewPrivileges: true,
          }),
        },
        {
          description: "Health of node-redis",
          after: ["node-redis.service"],
          environment: { HOME: "/root" },
          serviceConfig: { Type: "oneshot", ExecStart: exec, User: "root", EnvironmentFile: ["/run/50%%"] },
        },
      ],
      timers: [timer("web", "2s"), timer("node-redis", "0.25s")],
    });
  });

  test.each([
    ["postgresql", postgresql("db", { version: "16.3" })],
    ["redis", redis("db", { version: "7" })],
  ])("does not evaluate where nixpkgs has another version of %s than the graph", (_, node) => {
    const files = filesOf(graph([host("leaf-1", { rootDevice: "/dev/vda1" }), node]));
    expect(() => evaluateHosts(files, "config: config.system.build.toplevel.drvPath")).toThrow(
      `node db: version ${node.version} is asked for`,
    );
  });
});

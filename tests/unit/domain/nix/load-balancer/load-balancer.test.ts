// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is text for HAProxy that is meant
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Edge } from "../../../../../src/domain/graph/edge.ts";
import type { LoadBalancerNode, Node } from "../../../../../src/domain/graph/node.ts";
import { integerWeights } from "../../../../../src/domain/nix/load-balancer/haproxy.ts";
import { graph, host, loadBalancer, runsOn, service } from "../graphs.ts";
import { configurations } from "../rendering.ts";

const nodes = [host("leaf-1"), host("leaf-2"), host("leaf-3", { address: "app.example.org" })];

/** A balancer `front` on leaf-1 before `web`, which runs on all hosts. */
const balanced = (more: Partial<LoadBalancerNode>, others: ReadonlyArray<Node> = [], ...edges: ReadonlyArray<Edge>) => {
  const web = others.some(({ id }) => id === "web") ? [] : [service("web", { port: 8080 })];
  const target: ReadonlyArray<Edge> = edges.some(({ type }) => type === "load-balances")
    ? []
    : [{ from: "front", to: "web", type: "load-balances" }];
  return configurations(
    graph(
      [...nodes, loadBalancer("front", more), ...web, ...others],
      runsOn("front", "leaf-1"),
      runsOn("web", "leaf-1", "leaf-2", "leaf-3"),
      target,
      edges,
    ),
  );
};

const textOf = (hosts: ReturnType<typeof balanced>): string =>
  String(hosts["leaf-1"]?.environment?.etc?.["cim/front/haproxy.cfg"]?.text);

const linesOf = (...args: Parameters<typeof balanced>): ReadonlyArray<string> =>
  textOf(balanced(...args))
    .split("\n")
    .map((line) => line.trim());

const serversOf = (...args: Parameters<typeof balanced>): ReadonlyArray<string> =>
  linesOf(...args).filter((line) => /^server \S+\.\S/.test(line));

describe("a load balancer", () => {
  test("is a unit of its own, fenced in, that reloads when its configuration changes", () => {
    expect(balanced({ port: 80 })["leaf-1"]?.systemd?.services?.front).toMatchObject({
      wantedBy: ["multi-user.target"],
      reloadTriggers: ["<config.environment.etc.cim/front/haproxy.cfg.source>"],
      serviceConfig: {
        Type: "notify",
        ExecStart: "<pkgs.haproxy>/bin/haproxy -Ws -f /etc/cim/front/haproxy.cfg",
        ExecReload: [
          "<pkgs.haproxy>/bin/haproxy -c -f /etc/cim/front/haproxy.cfg",
          "<pkgs.coreutils>/bin/kill -USR2 $MAINPID",
        ],
        DynamicUser: true,
        AmbientCapabilities: ["CAP_NET_BIND_SERVICE"],
      },
    });
    expect(balanced({ port: 8080 })["leaf-1"]?.systemd?.services?.front?.serviceConfig).not.toHaveProperty(
      "AmbientCapabilities",
    );
  });

  test("passes requests to every replica of every target, on its own host by the loopback", () => {
    const edges: ReadonlyArray<Edge> = [
      ...runsOn("api", "leaf-2"),
      { from: "front", to: "web", type: "load-balances" },
      { from: "front", to: "api", type: "load-balances", healthCheck: false },
    ];
    expect(serversOf({}, [service("api")], ...edges)).toEqual([
      "server api.leaf-2 10.0.0.2:80 weight 1",
      "server web.leaf-1 127.0.0.1:8080 weight 1 track check.web/leaf-1",
      "server web.leaf-2 10.0.0.2:8080 weight 1 track check.web/leaf-2",
      "server web.leaf-3 app.example.org:8080 weight 1 track check.web/leaf-3 resolvers names",
    ]);
  });

  test("reaches its targets through their firewalls, at port 80 where they name none", () => {
    const hosts = balanced({}, [service("web")]);
    expect(hosts["leaf-2"]?.networking?.firewall?.extraInputRules).toBe(
      "ip saddr 10.0.0.1 tcp dport 80 accept # front to web\n",
    );
  });

  test.each<[LoadBalancerNode["strategy"], string]>([
    ["round-robin", "balance roundrobin"],
    ["least-connections", "balance leastconn"],
    ["ip-hash", "balance source"],
    ["random", "balance random"],
    ["weighted", "balance roundrobin"],
  ])("with the strategy %s is told to %s", (strategy, line) => {
    expect(linesOf({ strategy })).toContain(line);
  });

  test("gives each replica the weight of its target; several edges to one add up", () => {
    const edges: ReadonlyArray<Edge> = [
      ...runsOn("api", "leaf-2"),
      { from: "front", to: "web", type: "load-balances", weight: 0.5 },
      { id: "more", from: "front", to: "web", type: "load-balances", weight: 1 },
      { from: "front", to: "api", type: "load-balances", weight: 0.75 },
    ];
    const weights = serversOf({ strategy: "weighted" }, [service("api")], ...edges);
    expect(weights.map((line) => line.replace(/^server (\S+) .* weight (\d+).*$/, "$1 $2"))).toEqual([
      "api.leaf-2 1",
      "web.leaf-1 2",
      "web.leaf-2 2",
      "web.leaf-3 2",
    ]);
  });

  test("listens on the loopback, for its clients elsewhere, or for everyone where it is public", () => {
    const client: Edge = { from: "api", to: "front", type: "connects-to", protocol: "http" };
    expect(linesOf({})).toContain("bind 127.0.0.1:80");
    expect(linesOf({}, [service("api")], ...runsOn("api", "leaf-2"), client)).toContain("bind 0.0.0.0:80");
    const open = balanced({ public: true });
    expect(textOf(open)).toContain("bind :::80 v4v6\n");
    expect(open["leaf-1"]?.networking?.firewall?.allowedTCPPorts).toEqual([80]);
  });

  test("ends TLS with files that only root can read", () => {
    const tls = { certificateFile: "/keys/100% mine.pem", keyFile: "/keys/key" };
    const hosts = balanced({ tls, port: 443 });
    expect(textOf(hosts)).toContain('ssl crt "${CERTIFICATE_FOLDER}/tls.pem" ssl-min-ver TLSv1.2 alpn h2,http/1.1\n');
    const staged =
      '+<programs.stageCertificate>/bin/stage-certificate /run/cim-tls/front/next "/keys/100%% mine.pem" /keys/key /run/cim-front';
    const taken = "+<programs.takeCertificate>/bin/take-certificate /run/cim-tls/front/next /run/cim-tls/front/now";
    const checked =
      "<pkgs.coreutils>/bin/env CERTIFICATE_FOLDER=/run/cim-tls/front/next <pkgs.haproxy>/bin/haproxy -c -f";
    expect(hosts["leaf-1"]?.systemd?.services?.front?.serviceConfig).toMatchObject({
      RuntimeDirectory: "cim-front",
      Environment: ["CERTIFICATE_FOLDER=/run/cim-tls/front/now"],
      ExecStartPre: [staged, taken],
      ExecReload: [staged, `${checked} /etc/cim/front/haproxy.cfg`, taken, "<pkgs.coreutils>/bin/kill -USR2 $MAINPID"],
    });
  });

  test("serves its name alone, whatever characters are in it", () => {
    const denied = "http-request deny deny_status 421 unless";
    expect(linesOf({ serverName: "Shop.example.org" })).toContain(
      `${denied} { req.hdr(host),host_only -m str -i -- Shop.example.org }`,
    );
    expect(linesOf({ serverName: "*.example.org" })).toContain(
      `${denied} { req.hdr(host),host_only -m end -i -- .example.org }`,
    );
    expect(linesOf({ serverName: 'a b"\n}ü' })).toContain(
      `${denied} { req.hdr(host),host_only -m str -i -- a\\x20b\\x22\\x0a\\x7d\\xc3\\xbc }`,
    );
  });

  test("is for TCP where a target is checked by connections; a name then is that of TLS", () => {
    const web = service("web", { port: 8080, healthCheck: { kind: "tcp" } });
    expect(linesOf({}, [web])).toEqual(expect.arrayContaining(["mode tcp", "option tcplog"]));
    expect(linesOf({ serverName: "a.org" }, [web])).toContain(
      "tcp-request content accept if { req.ssl_sni -m str -i -- a.org }",
    );
    expect(linesOf({ serverName: "a.org", tls: { certificateFile: "/c", keyFile: "/k" } }, [web])).toContain(
      "tcp-request content reject unless { ssl_fc_sni -m str -i -- a.org }",
    );
  });
});

describe("the health check of a load balancer", () => {
  const web = service("web", {
    port: 8080,
    healthCheck: { kind: "http", path: "healthz?a=1 2&ü#top", intervalSeconds: 30, timeoutSeconds: 2, retries: 3 },
  });

  test("asks for each target's own path, as often as the balancer says", () => {
    expect(linesOf({ healthCheckIntervalSeconds: 1.5 }, [web])).toEqual(
      expect.arrayContaining([
        "backend check.web",
        "option httpchk",
        "http-check send meth GET uri /healthz?a\\x3d1%202&%C3%BC ver HTTP/1.1 hdr Host 127.0.0.1:8080".replace(
          "\\x3d",
          "=",
        ),
        "timeout check 2000ms",
        "server leaf-2 10.0.0.2:8080 check inter 1500ms fall 4 rise 1",
        "server leaf-3 app.example.org:8080 check inter 1500ms fall 4 rise 1 resolvers names",
      ]),
    );
    expect(linesOf({}, [web])).toContain("server leaf-2 10.0.0.2:8080 check inter 30000ms fall 4 rise 1");
  });

  test("is a connection where the target has no HTTP check, and none where the edge says so", () => {
    expect(linesOf({})).toContain("server leaf-2 10.0.0.2:8080 check inter 5000ms fall 3 rise 1");
    expect(linesOf({})).not.toContain("option httpchk");
    const none: Edge = { from: "front", to: "web", type: "load-balances", healthCheck: false };
    expect(linesOf({}, [], none)).not.toContain("backend check.web");
  });
});

describe("the figures of a load balancer", () => {
  test("are given to who monitors it, on a port that follows from its own", () => {
    const monitored = (host: string) =>
      balanced({ port: 443 }, [{ id: "eye", type: "monitoring" }], ...runsOn("eye", host), {
        from: "eye",
        to: "front",
        type: "monitors",
      });
    expect(textOf(monitored("leaf-1"))).toContain("bind 127.0.0.1:10443\n");
    expect(textOf(monitored("leaf-2"))).toContain("bind 0.0.0.0:10443\n");
    expect(textOf(balanced({ port: 443 }))).not.toContain("metrics");
  });
});

describe("integerWeights", () => {
  test.each([
    [[1], [1]],
    [
      [2, 2],
      [1, 1],
    ],
    [
      [0.5, 1.5],
      [1, 3],
    ],
    [
      [3000, 1000, 2000],
      [3, 1, 2],
    ],
    [
      [1e-9, 1e9],
      [1, 256],
    ],
  ])("makes %j %j", (weights, expected) => {
    expect(integerWeights(weights)).toEqual(expected);
  });

  test("gives integers from 1 to 256 and keeps the order", () => {
    const weight = fc.double({ min: 1e-300, max: 1e300, noNaN: true });
    fc.assert(
      fc.property(fc.array(weight, { minLength: 1, maxLength: 5 }), (weights) => {
        const integers = integerWeights(weights);
        for (const [index, integer] of integers.entries()) {
          expect(Number.isInteger(integer) && integer >= 1 && integer <= 256).toBe(true);
          for (const [other, compared] of integers.entries())
            if ((weights[index] ?? 0) < (weights[other] ?? 0)) expect(integer).toBeLessThanOrEqual(compared);
        }
      }),
    );
  });
});

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { LoadBalancerNode, ServiceNode } from "../../../src/domain/graph/node.ts";
import { defined } from "../../../src/domain/kernel/mod.ts";
import { haproxyText } from "../../../src/domain/nix/load-balancer/haproxy.ts";
import type { Balancing } from "../../../src/domain/nix/load-balancer/specification.ts";
import { specify } from "../../../src/domain/nix/mod.ts";
import { describeWith } from "../../support/installed.ts";
import { graph, host, loadBalancer, runsOn, service } from "../../unit/domain/nix/graphs.ts";

/** The configuration of a balancer on a host of its own, before `web` on two more, which are addresses of the loopback. */
const balancingOf = (more: Partial<LoadBalancerNode>, web: Partial<ServiceNode> = {}, weight?: number): Balancing => {
  const document = graph(
    [
      host("leaf-1", { address: "127.0.0.1" }),
      host("leaf-2", { address: "127.0.0.2" }),
      host("leaf-3", { address: "127.0.0.3" }),
      loadBalancer("front", more),
      service("web", { port: 8080, ...web }),
      service("api", { port: 8080, ...web }),
    ],
    runsOn("front", "leaf-1"),
    runsOn("web", "leaf-2"),
    runsOn("api", "leaf-3"),
    { from: "front", to: "web", type: "load-balances", ...defined({ weight }) },
    { from: "front", to: "api", type: "load-balances" },
  );
  const node = [...specify(document)][0]?.nodes[0];
  if (node?.type !== "load-balancer") throw new Error("the balancer is not on its host");
  return node.balancing;
};

const freePort = (address: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createTcpServer();
    probe.once("error", reject);
    probe.listen(0, address, () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

describeWith("haproxy")("HAProxy", () => {
  const folders: Array<string> = [];
  const running: Array<ChildProcess> = [];
  const servers: Array<Server> = [];

  afterEach(async () => {
    for (const child of running.splice(0)) child.kill("SIGKILL");
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  const configured = (text: string) => {
    const folder = mkdtempSync(join(tmpdir(), "cim-haproxy-"));
    folders.push(folder);
    const file = join(folder, "haproxy.cfg");
    writeFileSync(file, text);
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=shop",
        "-days",
        "1",
        "-keyout",
        join(folder, "tls.pem.key"),
        "-out",
        join(folder, "tls.pem"),
      ],
      { stdio: "ignore" },
    );
    return { file, environment: { ...process.env, CERTIFICATE_FOLDER: folder } };
  };

  const check = (balancing: Balancing): void => {
    const { file, environment } = configured(haproxyText(balancing));
    const { status, stderr } = spawnSync("haproxy", ["-c", "-f", file], { env: environment, encoding: "utf8" });
    const complaints = stderr
      .split("\n")
      .filter((line) => /WARNING|ALERT/.test(line) && !line.includes("could not resolve"));
    expect({ status, complaints }).toEqual({ status: 0, complaints: [] });
  };

  /** Starts what answers with its own name on a port. */
  const listen = (address: string, port: number, name: string): Promise<Server> =>
    new Promise((resolve) => {
      const server = createServer((_, response) => response.end(name));
      servers.push(server);
      server.listen(port, address, () => resolve(server));
    });

  const balance = async (balancing: Balancing): Promise<void> => {
    const { file, environment } = configured(haproxyText(balancing));
    running.push(spawn("haproxy", ["-f", file], { env: environment, stdio: "ignore" }));
  };

  const get = (port: number, hostName = "shop"): Promise<{ readonly status: number; readonly body: string }> =>
    new Promise((resolve, reject) => {
      const ask = request({ host: "127.0.0.1", port, headers: { host: hostName }, agent: false }, (response) => {
        let body = "";
        response.on("data", (chunk) => {
          body += String(chunk);
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      });
      ask.on("error", reject);
      ask.end();
    });

  const until = async (condition: () => Promise<boolean>): Promise<void> => {
    for (let attempt = 0; attempt < 1_200; attempt += 1) {
      if (await condition().catch(() => false)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("it did not happen in time");
  };

  const answers = async (port: number, count: number): Promise<ReadonlyArray<string>> => {
    const bodies: Array<string> = [];
    for (let index = 0; index < count; index += 1) bodies.push((await get(port)).body);
    return bodies;
  };

  const strategies = ["round-robin", "least-connections", "ip-hash", "random", "weighted"] as const;

  test.each(strategies)("accepts the configuration of the strategy %s, with everything there is", (strategy) => {
    const more = {
      strategy,
      serverName: "*.shop.example.org",
      public: true,
      healthCheckIntervalSeconds: 1e-9,
      tls: { certificateFile: "/c", keyFile: "/k" },
    };
    const names = ["localhost", "fd00::1", "10.0.0.1"].map((address, index) => ({
      host: `h-${index}`,
      address,
    }));
    for (const kind of ["http", "tcp"] as const) {
      const plain = balancingOf(more, { healthCheck: { kind, path: "/a b", retries: 1e9, timeoutSeconds: 1e300 } });
      const balancing = {
        ...plain,
        metricsListen: ":::10080 v4v6",
        backends: plain.backends.map((backend) => ({ ...backend, replicas: names })),
      };
      check(balancing);
      check({ ...balancing, tls: false });
    }
  });

  test("accepts names that cannot be looked up yet", () => {
    const plain = balancingOf({});
    const replicas = [{ host: "h", address: "not-a-name.invalid" }];
    check({ ...plain, backends: plain.backends.slice(0, 1).map((backend) => ({ ...backend, replicas })) });
  });

  test("reads free text as what it is", () => {
    const text = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
      .map((value) => value.replaceAll("\0", ""));
    for (const sample of fc.sample(text, { numRuns: 15, seed: 1 }))
      check(
        balancingOf({ serverName: `${sample}"'\\\n #{}$` }, { healthCheck: { kind: "http", path: `/${sample}"' \\` } }),
      );
  });

  test("balances over all targets with each strategy, and leaves out one that does not answer", async () => {
    const backendPort = await freePort("127.0.0.1");
    const web = await listen("127.0.0.2", backendPort, "web");
    await listen("127.0.0.3", backendPort, "api");
    const ports = new Map<string, number>();
    for (const strategy of strategies) {
      const port = await freePort("127.0.0.1");
      ports.set(strategy, port);
      const healthCheck = { kind: "http", retries: 0 } as const;
      const more = { strategy, port, healthCheckIntervalSeconds: 0.1 };
      await balance(balancingOf(more, { port: backendPort, healthCheck }, strategy === "weighted" ? 3 : undefined));
      await until(async () => (await get(port)).status === 200);
    }
    for (const [strategy, port] of ports) {
      const seen = await answers(port, 40);
      const count = seen.filter((body) => body === "web").length;
      if (strategy === "ip-hash") expect(new Set(seen).size).toBe(1);
      else if (strategy === "weighted") expect(count).toBe(30);
      else expect(new Set(seen)).toEqual(new Set(["web", "api"]));
    }
    web.closeAllConnections();
    web.close();
    for (const port of ports.values())
      await until(async () => (await answers(port, 10)).every((body) => body === "api"));
  });

  test("answers 421 for every other name", async () => {
    const backendPort = await freePort("127.0.0.1");
    await listen("127.0.0.2", backendPort, "web");
    await listen("127.0.0.3", backendPort, "api");
    const port = await freePort("127.0.0.1");
    await balance(balancingOf({ port, serverName: "Shop.Example.org" }, { port: backendPort }));
    await until(async () => (await get(port, "shop.example.org:8080")).status === 200);
    expect((await get(port, "other.example.org")).status).toBe(421);
  });
});

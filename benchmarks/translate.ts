import { deploymentFlake } from "../src/domain/deployment/flake.ts";
import { examine } from "../src/domain/graph/problems.ts";
import { digests } from "../src/infrastructure/digests.ts";
import { median, milliseconds, report } from "./support/measurement.ts";

/** From the text of a document to the files of a flake, with validation, for graphs of growing size. */
const sizes = [100, 1_000, 10_000, 50_000];
const runs = 5;

/**
 * A graph of `size` nodes: a host for every ten, and services that depend on and connect to a database on their host.
 */
const documentOf = (size: number): string => {
  const nodes: Array<object> = [];
  const edges: Array<object> = [];
  for (let host = 0; nodes.length < size; host++) {
    const hostId = `host-${host}`;
    nodes.push({
      id: hostId,
      type: "host",
      system: "x86_64-linux",
      address: `10.${(host >> 16) & 255}.${(host >> 8) & 255}.${host & 255}`,
      rootDevice: "/dev/vda1",
    });
    const database = `db-${host}`;
    nodes.push({
      id: database,
      type: "database",
      engine: "postgresql",
      databases: ["app"],
      backupSchedule: "0 2 * * *",
    });
    edges.push({ from: database, to: hostId, type: "runs-on" });
    for (let index = 0; index < 8 && nodes.length < size; index++) {
      const id = `svc-${host}-${index}`;
      nodes.push({
        id,
        type: "service",
        command: "/run/current-system/sw/bin/svc",
        args: ["--name", `it's ${id}`],
        port: 8080 + index,
        healthCheck: { kind: "http", path: "/healthz" },
      });
      const other = `db-${(host + index) % Math.max(1, Math.floor(size / 10))}`;
      edges.push({ from: id, to: hostId, type: "runs-on" });
      edges.push({ from: id, to: database, type: "depends-on" });
      edges.push({ from: id, to: other, type: "connects-to", protocol: "postgresql", encrypted: true });
    }
  }
  return JSON.stringify({ id: "large", nodes, edges });
};

const translate = (text: string): number => {
  const { document, problems } = examine(JSON.parse(text));
  const error = problems.find(({ severity }) => severity === "error");
  if (document === undefined || error !== undefined)
    throw new Error(`the benchmark's graph is not valid: ${error?.message}`);
  return Object.keys(deploymentFlake(document, digests).files).length;
};

/**
 * How long each size is repeated before it is measured, in milliseconds. Then the code is compiled and the process is
 * warm. The largest graph is translated once, because the process is warm by then.
 */
const warmUp = 2_000;
const largest = 50_000;

for (const size of sizes) {
  const text = documentOf(size);
  for (let spent = 0; size < largest && spent < warmUp; ) spent += await milliseconds(() => translate(text));
  const took: Array<number> = [];
  for (let run = 0; run < (size < largest ? runs : 1); run++) took.push(await milliseconds(() => translate(text)));
  report({ name: `nodes-${size}`, unit: "ms", value: median(took) });
}
report({ name: "peak-memory", unit: "MiB", value: process.resourceUsage().maxRSS / 1024 });

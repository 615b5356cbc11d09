import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { largeGraph } from "../../../benchmarks/stalls/graph.ts";
import { watchLeases } from "../../../benchmarks/stalls/watch.ts";
import { startBackend } from "../../../benchmarks/support/backend-process.ts";
import { eventually } from "../../../benchmarks/support/eventually.ts";
import { connect } from "../../../src/agents/kit/mod.ts";

/** Milliseconds. A bound for what stops a backend, not for how fast it is: a busy machine takes several times as long. */
const longest = 3_000;

const reviewers = 4;
const all = (reviewed: unknown): boolean => Array.isArray(reviewed) && reviewed.length === reviewers;

test("a graph of 20,000 nodes, its review and the verification of its log stop nobody, and cost no lease", async () => {
  const store = await mkdtemp(join(tmpdir(), "cim-stalls-"));
  const backend = await startBackend({ store, port: -1, prefix: "cim", agents: true });
  const client = await connect({ servers: backend.url, principal: "designer" });
  try {
    const ask = async (subject: string, payload: object) => {
      const answer = await client.nats.request(subject, JSON.stringify(payload), { timeout: 120_000 });
      return answer.json<{
        readonly ok: boolean;
        readonly data?: { readonly ok?: boolean; readonly events?: number };
      }>();
    };
    const leases = await watchLeases(client.nats);
    await ask("cim.qry.graphs.list", {});
    leases();
    await backend.stalled();
    for (const nodes of [6_000, 13_000, 20_000])
      expect(await ask("cim.cmd.designer.graph.large.import", largeGraph(nodes, "large"))).toMatchObject({ ok: true });
    expect(await ask("cim.qry.graphs.flake", { id: "large", files: false })).toMatchObject({ ok: true });
    const wanted = { graph: "large", target: "simulated", monitorSeconds: 0, timeoutSeconds: 900 };
    // On a busy machine rendering takes longer than a command may. What was rendered meanwhile is there for the next one.
    let requested = await ask("cim.cmd.designer.deployment.large-1.request", wanted);
    for (let again = 0; !requested.ok && again < 5; again++)
      requested = await ask("cim.cmd.designer.deployment.large-1.request", wanted);
    expect(requested).toMatchObject({ ok: true });
    const { reviewed } = await eventually(client, "deployments", "large-1", (document) => all(document.reviewed));
    expect(reviewed).toHaveLength(reviewers);
    const verified = await ask("cim.qry.audit.verify", {});
    expect(verified.data?.ok).toBe(true);
    expect(verified.data?.events).toBeGreaterThan(39_000);
    expect(leases().lost).toBe(0);
    expect(await backend.stalled()).toBeLessThan(longest);
  } finally {
    await client.close();
    await backend.stop();
    await rm(store, { recursive: true, force: true });
  }
}, 400_000);

import { connect } from "../../src/agents/kit/mod.ts";
import type { TestConsole } from "../support/console.ts";

/** What somebody who means harm writes: HTML, scripts, links that run, and characters that hide or turn text. */
export const hostile =
  '<img src=x onerror="globalThis.attacked=1"><script>attacked=1</script>[see](javascript:attacked=1) ' +
  "javascript:attacked=1 \u202eeslaf\u202c \u200b\u2066\ufeff\u0007\u001b[2J\u2028 \u0024{attacked=1} {{attacked=1}}";

/** Characters of it that no page may show as they are. */
export const unseen = /[\p{Cf}\p{Zl}\p{Zp}\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/u;

const host = {
  id: "odd-host",
  type: "host",
  system: "x86_64-linux",
  address: "10.0.0.66",
  rootDevice: "/dev/vda1",
} as const;

/** Each thing that a page can show, with such texts wherever the contract takes a text. */
export const fillWithHostile = async ({ url, client, grant }: TestConsole): Promise<void> => {
  await grant(["ann", "eve"], "voter");
  await grant(["ann"], "monitor");
  const eve = await connect({ servers: url, principal: "eve" });
  try {
    const node = {
      id: "odd",
      type: "service",
      command: "/run/current-system/sw/bin/odd",
      environment: { ODD: hostile },
    } as const;
    const graph = {
      id: "odd",
      description: hostile,
      nodes: [host, node],
      edges: [{ from: "odd", to: "odd-host", type: "runs-on" }],
    } as const;
    await eve.command("graph", "odd", "import", graph);
    await eve.command("graph", "odd", "import", { ...graph, description: `${hostile} again` });
    await eve.command("deployment", "odd-1", "request", { graph: "odd", target: "simulated", votingSeconds: 600 });
    await eve.command("deployment", "odd-1", "cancel", { reason: hostile }).catch(() => undefined);

    const participants = ["ann", "eve"];
    await eve.command("dialog", "odd", "open", { type: "group", topic: hostile, participants });
    await eve.command("dialog", "odd", "set-context", { values: { odd: hostile } });
    await eve.command("dialog", "odd", "say", { text: `${hostile}\n${hostile}`, to: "ann", data: { odd: hostile } });
    await eve.command("dialog", "odd", "hand-off", { to: "ann", reason: hostile });

    await eve.command("proposal", "odd", "submit", {
      kind: "change",
      title: hostile.slice(0, 200),
      subject: { odd: hostile },
      electorate: ["ann", "eve"],
      votingSeconds: 3600,
      vetoHolders: ["eve"],
    });
    const conditions = [{ text: hostile }];
    await eve.command("proposal", "odd", "vote", { choice: "approve", reason: hostile, conditions });

    const known = { subject: hostile, predicate: hostile, object: hostile, source: hostile } as const;
    for (const object of [hostile, `${hostile} not`])
      await eve.command("knowledge", "odd", "assert-fact", { ...known, object });

    await eve.command("task", "odd", "submit", {
      type: hostile,
      requiredCapabilities: [],
      to: "eve",
      payload: hostile,
    });
    await eve.command("agent", "eve", "register", { name: hostile, metadata: { odd: hostile }, capabilities: ["odd"] });
    await client.command("host", "odd-host", "report-state", {
      health: "unhealthy",
      failing: ["odd"],
      observed: { failedUnits: [hostile], load: 0.5, disk: { totalBytes: 100e9, freeBytes: 25e9 } },
    });
    await eve
      .command("host", "odd-host", "propose-change", { action: "restart", node: "odd", reason: hostile })
      .catch(() => undefined);
  } finally {
    await eve.close();
  }
};

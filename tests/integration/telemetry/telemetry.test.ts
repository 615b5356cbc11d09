import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "../../../src/agents/kit/mod.ts";
import { groupsFor } from "../../../src/interfaces/cli/registry.ts";
import { withBackend } from "../../../src/interfaces/cli/up.ts";
import { type TestNats, testNats } from "../../support/nats.ts";
import { fakeHost, runIn } from "../../unit/interfaces/cli/harness.ts";
import { type CollectedSpan, startCollector } from "./collector.ts";

let nats: TestNats;
let collector: Awaited<ReturnType<typeof startCollector>>;
beforeAll(async () => {
  nats = await testNats();
  collector = await startCollector();
});
afterAll(async () => {
  await collector.close();
  await nats.dispose();
});
afterEach(() => {
  jest.restoreAllMocks();
});

const traceId = "0af7651916cd43dd8448eb211c80319c";
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;

/** Runs a backend with this environment, until `use` is done; what it wrote. */
const onBackend = async (env: Readonly<Record<string, string>>, use: () => Promise<unknown>) => {
  const { host, written } = fakeHost({ env });
  const options = { nats: { servers: nats.url }, prefix: nats.prefix, store: "", port: -1, agents: false };
  await withBackend(options, host, "Info", use);
  return written;
};

const withClient = async <T>(
  principal: string,
  use: (client: Awaited<ReturnType<typeof connect>>) => Promise<T>,
): Promise<T> => {
  const client = await connect({ servers: nats.url, prefix: nats.prefix, principal });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
};

/** Waits until the process manager of deliveries has acted on an agent's registration, and the views have seen it. */
const handled = (agent: string) =>
  withClient(agent, async (client) => {
    const { data } = await client.query("agents", "get", { id: agent });
    await client.query("agents", "list", {}, { minPosition: Number((data as { readonly position: number }).position) });
    const { consumers } = await jetstreamManager(client.nats);
    for (;;) {
      const found = await consumers.info(client.names.streams.inbox, `agent-${agent}`).catch(() => undefined);
      if (found !== undefined) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });

const spanNamed = (spans: ReadonlyArray<CollectedSpan>, name: string) => spans.find((span) => span.name === name);

describe("with a collector", () => {
  test("a command's trace goes through the log to the process managers and the views, and commands are counted", async () => {
    await onBackend({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, async () => {
      await withClient("bob", (client) =>
        client.command("agent", "bob", "register", { capabilities: ["review"] }, { traceparent }),
      );
      await handled("bob");
    });
    const ours = collector.spans.filter((span) => span.traceId === traceId);
    const handling = spanNamed(ours, "command");
    expect(handling).toMatchObject({ service: "cim", parentSpanId: "b7ad6b7169203331" });
    for (const name of ["process deliveries", "project"]) {
      expect(spanNamed(ours, name)).toMatchObject({ service: "cim", parentSpanId: handling?.spanId });
    }
    expect(collector.points).toContainEqual({
      metric: "cim_commands",
      attributes: expect.objectContaining({ aggregate: "agent", outcome: "ok" }),
    });
    expect(collector.points.map(({ metric }) => metric)).toContain("cim_command_duration");
  });

  test("the command line starts the trace", async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, CIM_NATS: nats.url, CIM_PREFIX: nats.prefix };
    await onBackend(env, async () => {
      const { code } = await runIn(
        await groupsFor(["agents"]),
        ["agents", "register", "carol", "--capabilities", "review", "--as", "carol"],
        { env },
      );
      expect(code).toBe(0);
      await handled("carol");
    });
    const root = spanNamed(collector.spans, "cim agents register");
    expect(root).toMatchObject({ service: "cim-cli" });
    expect(root?.parentSpanId).toBeUndefined();
    const names = collector.spans.filter((span) => span.traceId === root?.traceId).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["command", "process deliveries", "project"]));
    const handling = collector.spans.find(({ name, traceId: id }) => name === "command" && id === root?.traceId);
    expect(handling?.parentSpanId).toBe(root?.spanId);
  });

  test("what the backend says goes to standard error, as without one", async () => {
    const toStdout = jest.spyOn(console, "log").mockImplementation(() => {});
    const toStderr = jest.spyOn(console, "error").mockImplementation(() => {});
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    await onBackend(env, async () => {
      const rival = await connect({ servers: nats.url, prefix: nats.prefix, principal: "ada" });
      await (await jetstreamManager(rival.nats)).streams.delete(`KV_${nats.prefix}_leases`);
      for (let waited = 0; toStderr.mock.calls.length === 0 && waited < 100_000; waited += 100)
        await new Promise((resolve) => setTimeout(resolve, 100));
      await rival.close();
    });
    expect(toStdout).not.toHaveBeenCalled();
    expect(toStderr).toHaveBeenCalled();
  });
});

test("without a collector nothing is sent anywhere", async () => {
  const fetched = jest.spyOn(globalThis, "fetch");
  const env = { CIM_NATS: nats.url, CIM_PREFIX: nats.prefix, OTEL_EXPORTER_OTLP_ENDPOINT: "" };
  await onBackend(env, async () => {
    const { code } = await runIn(
      await groupsFor(["agents"]),
      ["agents", "register", "dave", "--capabilities", "review", "--as", "dave"],
      { env },
    );
    expect(code).toBe(0);
  });
  expect(fetched).not.toHaveBeenCalled();
});

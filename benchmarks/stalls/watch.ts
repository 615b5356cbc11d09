import { jetstream } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Leaf } from "../support/leaf.ts";
import { milliseconds, report } from "../support/measurement.ts";

/** Milliseconds between two renewals of a lease that is renewed in time. */
const renewEvery = 1_000;
const stream = "KV_cim_leases";

/** What was seen of the leases since the last look. */
interface Seen {
  /** Milliseconds by which the latest renewal was late. */
  readonly late: number;
  /** How often a lease went to another term, of this backend or of another one. */
  readonly lost: number;
}

/** Watches the leases by the server's own times. Returns a function that returns what was seen since its last call. */
export const watchLeases = async (nats: NatsConnection) => {
  const holders = new Map<string, { holder: string; at: number }>();
  let [late, lost] = [0, 0];
  const consumer = await jetstream(nats).consumers.get(stream);
  await consumer.consume({
    callback: (message) => {
      const holder = message.string();
      const at = message.info.timestampNanos / 1e6;
      const before = holders.get(message.subject);
      // A deletion gives the lease back. It says nothing about renewals.
      if (holder === "") return;
      if (before !== undefined && before.holder !== holder) lost += 1;
      else if (before !== undefined) late = Math.max(late, at - before.at - renewEvery);
      holders.set(message.subject, { holder, at });
    },
  });
  return (): Seen => {
    const now = Date.now();
    for (const { at } of holders.values()) late = Math.max(late, now - at - renewEvery);
    const seen = { late, lost };
    [late, lost] = [0, 0];
    return seen;
  };
};

/** Measures one piece of work after the other on a leaf, each from when the backend is idle until it is idle again. */
export type Measure = (name: string, work: () => Promise<unknown>) => Promise<void>;

export const stallsOf = async ({ backend, client, idle }: Leaf): Promise<Measure> => {
  const leases = await watchLeases(client.nats);
  return async (name, work) => {
    await idle();
    leases();
    let longest = 0;
    await backend.stalled();
    const took = await milliseconds(async () => {
      await work();
      longest = await backend.stalled();
    });
    for (let busy = true, before = await backend.used(); busy; ) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      longest = Math.max(longest, await backend.stalled());
      const after = await backend.used();
      busy = after - before > 100;
      before = after;
    }
    const { late, lost } = leases();
    report({ name, unit: "ms", value: longest });
    report({ name: `${name}-took`, unit: "ms", value: took });
    report({ name: `${name}-late`, unit: "ms", value: Math.max(0, late) });
    report({ name: `${name}-lost`, unit: "leases", value: lost });
  };
};

import { JetStreamApiError } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/transport-node";
import { names } from "../../contract/names.ts";
import type { Fault } from "./faults.ts";
import { freshHost, type HostState } from "./host-state.ts";

/** The faults that apply now, and their edition: a new one each time they are set. */
export interface FaultEdition {
  readonly edition: number;
  readonly faults: ReadonlyArray<Fault>;
}

/** The key of the faults. It is not a valid host name, so no host collides with it. */
const faultsKey = "_faults";
/** "Wrong last sequence": another process wrote in between. */
const conflict = 10071;

/** The simulated hosts and their faults, in a key-value bucket, so that they outlive the process. */
export class SimulatedHostStore {
  readonly #kv: KV;

  private constructor(kv: KV) {
    this.#kv = kv;
  }

  /** Opens the store without direct gets, because a lagging replica may answer those. */
  static async open(nc: NatsConnection, prefix?: string, replicas = 1): Promise<SimulatedHostStore> {
    const options = { history: 1, replicas, allow_direct: false };
    return new SimulatedHostStore(await new Kvm(nc).create(names(prefix).buckets.simulatedHosts, options));
  }

  async read(host: string): Promise<HostState> {
    return (await this.#kv.get(host))?.json<HostState>() ?? freshHost(host);
  }

  /** Replaces the state of a host by the result of `change`. Repeats this if another process was faster. */
  async update(host: string, change: (state: HostState) => HostState): Promise<HostState> {
    for (;;) {
      const entry = await this.#kv.get(host);
      const before = entry?.json<HostState>() ?? freshHost(host);
      const after = change(before);
      if (after === before) return before;
      try {
        await this.#kv.put(host, JSON.stringify(after), { previousSeq: entry?.revision ?? 0 });
        return after;
      } catch (error) {
        if (!(error instanceof JetStreamApiError && error.code === conflict)) throw error;
      }
    }
  }

  async setFaults(faults: ReadonlyArray<Fault>): Promise<void> {
    await this.#kv.put(faultsKey, JSON.stringify(faults));
  }

  async faults(): Promise<FaultEdition> {
    const entry = await this.#kv.get(faultsKey);
    return entry === null
      ? { edition: 0, faults: [] }
      : { edition: entry.revision, faults: entry.json<ReadonlyArray<Fault>>() };
  }
}

import { cloudEventHeaders } from "../../contract/cloud-event.ts";
import { defined } from "../../domain/kernel/mod.ts";
import type { Client } from "./client.ts";
import { isObject, type Json, jsonOf } from "./json.ts";

/** The end of a registration: another process registered under the id, or the agent was signed off. */
export type RegistrationEnd = { readonly how: "replaced"; readonly by: string } | { readonly how: "deregistered" };

/** Watches whether the registration of an agent is still its own. */
export interface Succession {
  /** From now on a process that registers later is the successor. */
  readonly registered: (at: { readonly version: number; readonly position: number }) => void;
  /** Looks up registrations that were made while the connection was down. */
  readonly check: () => Promise<void>;
  readonly stop: () => void;
}

/**
 * Calls `over` once, when another instance registers after this one or the agent is signed off. Subscribers get the
 * events of the feed as plain messages, so that nothing has to be polled.
 */
export const succession = (
  client: Client,
  id: string,
  instance: string,
  over: (end: RegistrationEnd) => void,
): Succession => {
  let own: { readonly version: number; readonly position: number } | undefined;
  let newest: { readonly version: number; readonly end: RegistrationEnd } | undefined;
  let told = false;
  const tell = () => {
    if (told || own === undefined || newest === undefined || newest.version <= own.version) return;
    if (newest.end.how === "replaced" && newest.end.by === instance) return;
    told = true;
    over(newest.end);
  };
  const note = (version: number, end: RegistrationEnd) => {
    if (!(version > (newest?.version ?? 0))) return;
    newest = { version, end };
    tell();
  };
  const noteRegistered = (version: number, data: Json | undefined) => {
    if (isObject(data) && typeof data.instance === "string") note(version, { how: "replaced", by: data.instance });
  };
  const { feedOf } = client.names.subjects;
  const versionOf = (headers: { readonly get: (name: string) => string } | undefined) =>
    Number(headers?.get(cloudEventHeaders.aggregateVersion));
  const subscriptions = [
    client.nats.subscribe(feedOf({ aggregate: "agent", event: "agent-registered", id }), {
      callback: (_, message) => noteRegistered(versionOf(message.headers), jsonOf(message)),
    }),
    client.nats.subscribe(feedOf({ aggregate: "agent", event: "agent-deregistered", id }), {
      callback: (_, message) => note(versionOf(message.headers), { how: "deregistered" }),
    }),
  ];
  return {
    registered: (at) => {
      own = at;
      tell();
    },
    check: async () => {
      const { data } = await client.query("agents", "get", { id }, { minPosition: own?.position ?? 0 });
      if (data.registered) noteRegistered(data.version, defined({ instance: data.instance }));
      else note(data.version, { how: "deregistered" });
    },
    stop: () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
    },
  };
};

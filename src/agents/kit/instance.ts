import type { Client } from "./client.ts";
import { isObject, type Json, jsonOf } from "./json.ts";

/** How the registration of an agent's process ended: another process has it, or the agent has none any more. */
export type RegistrationEnd = { readonly how: "replaced"; readonly by: string } | { readonly how: "deregistered" };

/** What tells an agent that its registration is not its own any more. */
export interface Succession {
  /** From now on whoever registers later is the successor. */
  readonly registered: (at: { readonly version: number; readonly position: number }) => void;
  /** Asks, for what was said while the connection was down. */
  readonly check: () => Promise<void>;
  readonly stop: () => void;
}

/**
 * Calls `over` once, when another instance registers after this one or somebody signs the agent off. The events of the
 * feed come as plain messages to whoever subscribes, so that nothing has to be polled.
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
    Number(headers?.get("ce-aggregateversion"));
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
      if (!isObject(data)) return;
      if (data.registered === false) note(Number(data.version), { how: "deregistered" });
      else noteRegistered(Number(data.version), data);
    },
    stop: () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
    },
  };
};

import type { Client } from "./client.ts";
import { isObject, type Json } from "./json.ts";

/** What tells an agent that another process has registered under its id. */
export interface Succession {
  /** From now on whoever registers later is the successor. */
  readonly registered: (at: { readonly version: number; readonly position: number }) => void;
  /** Asks, for what was said while the connection was down. */
  readonly check: () => Promise<void>;
  readonly stop: () => void;
}

/**
 * Calls `replaced` once, when another instance registers after this one. The events of the feed come as plain messages
 * to whoever subscribes, so that nothing has to be polled.
 */
export const succession = (
  client: Client,
  id: string,
  instance: string,
  replaced: (by: string) => void,
): Succession => {
  let own: { readonly version: number; readonly position: number } | undefined;
  let newest: { readonly version: number; readonly instance: string } | undefined;
  let told = false;
  const tell = () => {
    if (told || own === undefined || newest === undefined) return;
    if (newest.version <= own.version || newest.instance === instance) return;
    told = true;
    replaced(newest.instance);
  };
  const note = (version: number, data: Json) => {
    if (!isObject(data) || typeof data.instance !== "string" || version <= (newest?.version ?? 0)) return;
    newest = { version, instance: data.instance };
    tell();
  };
  const subscription = client.nats.subscribe(client.names.feed("agent", "agent-registered", id), {
    callback: (_, message) => note(Number(message.headers?.get("ce-aggregateversion")), message.json<Json>()),
  });
  return {
    registered: (at) => {
      own = at;
      tell();
    },
    check: async () => {
      const { data } = await client.query("agents", "get", { id }, { minPosition: own?.position ?? 0 });
      if (isObject(data)) note(Number(data.version), data);
    },
    stop: () => subscription.unsubscribe(),
  };
};

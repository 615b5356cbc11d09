import { hash } from "node:crypto";
import { Objm } from "@nats-io/obj";
import { Schema } from "effect";
import type { EpochSnapshot } from "../../../domain/knowledge/contract.ts";
import { KnowledgeBase } from "../../../domain/knowledge/knowledge-base.ts";
import { defaultPolicy, Policy } from "../../../domain/knowledge/policy.ts";
import { Entry, isIntact } from "../../../domain/knowledge/record.ts";
import type { Client } from "../client.ts";
import type { JoinedSpace } from "./replica-state.ts";

const isAddition = Schema.is(Schema.Union([Schema.Struct({ entry: Entry }), Schema.Struct({ policy: Policy })]));

export const sha256 = (text: string): string => hash("sha256", text);

/** Returns the published document of a space; undefined if there is no such space. */
export const summaryOf = async (client: Client, space: string, signal: AbortSignal) => {
  const { data } = await client.query("knowledge", "list", { filter: { id: space } }, { signal });
  return data.items[0];
};

/**
 * Returns the content of a space at its newest epoch, from the object store. Throws if a chunk is missing or damaged.
 * The replica then reads the log, which has the same content.
 */
export const joinedSpace = async (client: Client, snapshot: EpochSnapshot): Promise<JoinedSpace> => {
  if (client.isPeer) throw new Error("the object store of a closed installation is the backend's own");
  const store = await new Objm(client.jetstream).open(client.names.buckets.artifacts);
  const base = new KnowledgeBase();
  let policy = defaultPolicy;
  for (const digest of snapshot.chunks) {
    const bytes = await store.getBlob(digest);
    if (bytes === null) throw new Error(`${digest} is not in the object store`);
    const text = new TextDecoder().decode(bytes);
    if (`sha256-${sha256(text)}` !== digest) throw new Error(`what is stored as ${digest} has another digest`);
    for (const line of text.split("\n")) {
      if (line === "") continue;
      const addition: unknown = JSON.parse(line);
      if (!isAddition(addition)) throw new Error(`${digest} has a line that is none of a snapshot`);
      if ("policy" in addition) policy = addition.policy;
      else {
        if (!isIntact(addition.entry, sha256)) throw new Error(`${digest} has a record that is not what its id says`);
        base.add(addition.entry);
      }
    }
  }
  if (base.content !== snapshot.content) throw new Error("the chunks of the snapshot are not all of it");
  const { version, position } = snapshot;
  return { version, position, policy, base };
};

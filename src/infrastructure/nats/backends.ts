import type { NatsConnection } from "@nats-io/nats-core";
import { Option, Schema } from "effect";
import { standsByKey } from "../../contract/micro-service.ts";
import { serviceName } from "../../contract/names.ts";
import { defined } from "../../domain/kernel/mod.ts";

/** A backend that answered service discovery. */
export interface FoundBackend {
  readonly id: string;
  readonly version: string;
  /** Why it takes no commands, if it stands by. */
  readonly standsBy?: string;
}

const Info = Schema.Struct({
  id: Schema.String,
  version: Schema.String,
  metadata: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  endpoints: Schema.Array(Schema.Struct({ subject: Schema.String })),
});
const decodeInfo = Schema.decodeUnknownOption(Schema.fromJsonString(Info));

/** Returns the backends of the installation `prefix`. Other installations on the server also answer discovery. */
export const backendsOn = async (
  nats: Pick<NatsConnection, "requestMany">,
  prefix: string,
): Promise<ReadonlyArray<FoundBackend>> => {
  const found: Array<FoundBackend> = [];
  const options = { strategy: "stall", maxWait: 2_000, stall: 400 } as const;
  for await (const answer of await nats.requestMany(`$SRV.INFO.${serviceName}`, undefined, options)) {
    const info = Option.getOrUndefined(decodeInfo(answer.string()));
    if (info?.endpoints.some(({ subject }) => subject.startsWith(`${prefix}.`)) !== true) continue;
    const { id, version, metadata } = info;
    found.push({ id, version, ...defined({ standsBy: metadata?.[standsByKey] }) });
  }
  return found;
};

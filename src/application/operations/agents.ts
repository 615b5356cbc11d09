import { Effect, Schema } from "effect";
import { Capability, CapabilityVersion, DetailsByCapability, satisfies } from "../../domain/agent/capability.ts";
import { PresenceStatus } from "../../domain/agent/presence.ts";
import { operation } from "../queries.ts";

const FindInput = Schema.Struct({
  capability: Capability,
  /** The same major number, and not older. */
  version: Schema.optionalKey(CapabilityVersion),
  /** Agents of this presence; without it, those that are online or away. */
  presence: Schema.optionalKey(PresenceStatus),
});

const Agent = Schema.Struct({
  registered: Schema.Literal(true),
  status: PresenceStatus,
  capabilities: Schema.Array(Schema.String),
  capabilityDetails: Schema.optionalKey(DetailsByCapability),
  maxConcurrentTasks: Schema.Int,
  activeTasks: Schema.Array(Schema.String),
});
type Agent = typeof Agent.Type;
/** A document of the view; the fields that are not named here stay. */
const isFound = (document: Schema.Json): document is Agent & { readonly [field: string]: Schema.Json } =>
  Schema.is(Agent)(document);

const fits =
  ({ capability, version, presence }: typeof FindInput.Type) =>
  ({ status, capabilities, capabilityDetails }: Agent): boolean =>
    capabilities.includes(capability) &&
    satisfies(capabilityDetails?.[capability]?.version, version) &&
    (presence === undefined ? status !== "offline" : status === presence);

/** The part of what it can take that an agent has. */
const loadOf = ({ activeTasks, maxConcurrentTasks }: Agent): number => activeTasks.length / maxConcurrentTasks;

const find = operation({
  input: FindInput,
  description: "The registered agents that have a capability, those that are online first, the least loaded first",
  answer: (input: typeof FindInput.Type, documents) => {
    const wanted = fits(input);
    const found = [...documents].flatMap(([id, document]) =>
      isFound(document) && wanted(document) ? [{ id, document: { ...document, load: loadOf(document) } }] : [],
    );
    found.sort(
      ({ id, document: one }, { id: otherId, document: other }) =>
        Number(one.status !== "online") - Number(other.status !== "online") ||
        one.load - other.load ||
        (id < otherId ? -1 : 1),
    );
    return Effect.succeed({ items: found.map(({ document }) => document) });
  },
});

/** What can be asked about agents besides the documents of the view. */
export const agentOperations = { find };

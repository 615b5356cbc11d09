import { type ReferenceAgentsOptions, startReferenceAgents } from "../agents/reference.ts";
import { defined } from "../domain/kernel/mod.ts";
import { connectGathering } from "../infrastructure/nats/client-internals.ts";
import { type ConnectionSettings, connectionOptions } from "../infrastructure/nats/connection-options.ts";
import { NixosHosts, type NixosOptions } from "../infrastructure/nixos/nixos-hosts.ts";
import { lockedReference } from "../infrastructure/nixos/pin.ts";
import { sessionCredentials } from "../infrastructure/security/mod.ts";
import { SimulatedHosts } from "../infrastructure/simulated/mod.ts";

/** Where the reference agents connect, who they are, and on which hosts they work. */
export interface AgentsSettings {
  readonly connection: ConnectionSettings;
  readonly agents: Omit<ReferenceAgentsOptions, "operators" | "lockReference" | keyof ConnectionSettings>;
  /** Milliseconds that a step on a simulated host takes. */
  readonly stepMilliseconds?: number;
  readonly nixos?: NixosOptions;
  /** The folder of the keys of a closed installation, in which each agent connects as itself. */
  readonly keys?: string;
}

/** The agents at work, until they are stopped. */
export interface RunningAgents {
  readonly stop: () => Promise<void>;
}

/** Starts the reference agents on a connection of their own. */
export const startAgentsWith = async (settings: AgentsSettings): Promise<RunningAgents> => {
  const { connection, agents, stepMilliseconds, nixos, keys } = settings;
  const nc = await connectGathering(connectionOptions(connection));
  const operators = {
    simulated: await SimulatedHosts.open(nc, connection.prefix, defined({ stepMilliseconds })),
    ...defined({ nixos: nixos === undefined ? undefined : await NixosHosts.open(nixos) }),
  };
  const credentialsOf = keys === undefined ? undefined : (id: string) => sessionCredentials(keys, id);
  const lockReference = nixos === undefined ? undefined : lockedReference;
  const optional = defined({ credentialsOf, lockReference });
  const { stop } = await startReferenceAgents({ ...connection, ...agents, operators, ...optional });
  return { stop: () => stop().finally(() => nc.close()) };
};

import { Schema } from "effect";
import type { OfferedCapability } from "../../domain/agent/capability.ts";
import { AggregateId } from "../../domain/kernel/mod.ts";
import type { Client, ClientOptions } from "./client.ts";
import type { DialogNews, HandOff, Turn, VotingOpened } from "./deliveries.ts";
import type { JsonObject } from "./json.ts";
import type { TaskHandler } from "./task-context.ts";

/** What a handler of turns or votes works with. */
export interface AgentContext {
  readonly client: Client;
  /** Aborts when the agent stops. */
  readonly signal: AbortSignal;
}

/** The answer of an agent that is offered the word in a dialog. */
export type HandOffAnswer = "accept" | { readonly decline: string };

export interface AgentOptions {
  readonly id: string;
  /** How to connect; the agent then has a client of its own and closes it. `nats://127.0.0.1:4222` by default. */
  readonly connection?: Omit<ClientOptions, "principal">;
  /** A client to use instead, whose principal is the agent's id; it stays open. */
  readonly client?: Client;
  readonly name?: string;
  /** What the agent can do: tasks that require other capabilities do not come to it. */
  readonly capabilities: ReadonlyArray<OfferedCapability>;
  /** How many tasks it takes at once; 1 by default. */
  readonly maxConcurrentTasks?: number;
  /** How many votes it considers at once; 16 by default. */
  readonly maxConcurrentProposals?: number;
  /** The public nkey of what it signs with; by default that of its client. */
  readonly publicKey?: string;
  readonly metadata?: JsonObject;
  /** 10 by default, as the backend expects. */
  readonly heartbeatSeconds?: number;
  readonly onTask?: TaskHandler;
  /** Something was said in a dialog that the agent takes part in. Where it throws, the turn comes again. */
  readonly onTurn?: (turn: Turn, context: AgentContext) => Promise<void>;
  /** The agent is offered the word in a dialog. Without this handler it declines. Where it throws, the offer comes again. */
  readonly onHandOff?: (handOff: HandOff, context: AgentContext) => Promise<HandOffAnswer>;
  /** What became of a hand-off that the agent offered, or of a turn of it that nobody answered. */
  readonly onDialogNews?: (news: DialogNews, context: AgentContext) => Promise<void>;
  /** A vote began that the agent has a ballot in. Where it throws, the delivery comes again. */
  readonly onProposal?: (delivery: VotingOpened, context: AgentContext) => Promise<void>;
  /** What others are told of it who discover it; its name by default. */
  readonly description?: string;
  /** Its version for them, in SemVer; that of the kit by default. */
  readonly version?: string;
  /** Who says in a dialog what comes as a prompt from outside; `guest` by default. */
  readonly guest?: string;
  /** Takes what goes wrong besides the work itself; standard error by default. */
  readonly log?: (message: string) => void;
}

/** What would do harm later, and not be told by the backend when the agent registers. */
export const refuseNonsense = ({
  id,
  guest,
  maxConcurrentProposals,
  heartbeatSeconds,
}: Required<Pick<AgentOptions, "id" | "guest" | "maxConcurrentProposals" | "heartbeatSeconds">>): void => {
  const wrong = (option: string, value: unknown, needed: string) =>
    new Error(`agent ${id}: ${option} is ${JSON.stringify(value)}: ${needed} is needed`);
  if (!isToken(id)) throw wrong("id", id, tokenForm);
  if (!isToken(guest)) throw wrong("guest", guest, tokenForm);
  if (!Number.isInteger(maxConcurrentProposals) || maxConcurrentProposals < 1)
    throw wrong("maxConcurrentProposals", maxConcurrentProposals, "an integer from 1");
  if (!(heartbeatSeconds >= 0.1 && heartbeatSeconds <= 3_600))
    throw wrong("heartbeatSeconds", heartbeatSeconds, "a number from 0.1 to 3600");
};

const tokenForm = "a text of 1 to 128 letters, digits, `_` and `-` that begins with a letter or digit";
const isToken = Schema.is(AggregateId);

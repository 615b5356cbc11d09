import { Schema } from "effect";
import type { DialogNews, HandOff, ProposalDelivery, Turn } from "../../contract/deliveries.ts";
import type { OfferedCapability } from "../../domain/agent/capability.ts";
import { Principal } from "../../domain/kernel/mod.ts";
import type { Client, ClientOptions } from "./client.ts";
import type { JsonObject } from "./json.ts";
import type { TaskHandler } from "./task-context.ts";

/** The surroundings of a handler of turns or votes. */
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
  /** Tasks that require other capabilities do not come to the agent. */
  readonly capabilities: ReadonlyArray<OfferedCapability>;
  /** The number of tasks that it takes at once; 1 by default. */
  readonly maxConcurrentTasks?: number;
  /** The number of votes that it considers at once; 16 by default. */
  readonly maxConcurrentProposals?: number;
  /** The public nkey of its signatures; by default that of its client. */
  readonly publicKey?: string;
  readonly metadata?: JsonObject;
  /** 10 by default, as the backend expects. */
  readonly heartbeatSeconds?: number;
  readonly onTask?: TaskHandler;
  /**
   * Something was said in a dialog that the agent takes part in. If it throws, the turn comes again. What the client of
   * the context says in that dialog counts as an answer to the turn, unless its `answers` names another one.
   */
  readonly onTurn?: (turn: Turn, context: AgentContext) => Promise<void>;
  /**
   * The agent is offered the word in a dialog. Without this handler it declines. If it throws, the offer comes again.
   */
  readonly onHandOff?: (handOff: HandOff, context: AgentContext) => Promise<HandOffAnswer>;
  /** The outcome of a hand-off that the agent offered, or of a turn of it that remained without an answer. */
  readonly onDialogNews?: (news: DialogNews, context: AgentContext) => Promise<void>;
  /** A vote began in which the agent has a ballot. If it throws, the delivery comes again. */
  readonly onProposal?: (delivery: ProposalDelivery, context: AgentContext) => Promise<void>;
  /** The description that service discovery shows; the name by default. */
  readonly description?: string;
  /** The version that service discovery shows, in SemVer; that of the kit by default. */
  readonly version?: string;
  /** The principal that says a prompt from outside in a dialog; `guest` by default. */
  readonly guest?: string;
  /** Takes messages about failures outside the work itself; standard error by default. */
  readonly log?: (message: string) => void;
}

/** Throws for options that would do harm later, and that the backend does not refuse when the agent registers. */
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
const isToken = Schema.is(Principal);

/**
 * The kit for agents, and for every other client of an installation: plain promises on the NATS contract.
 *
 * `connect` returns a client: commands, queries, views, the feed. `Agent.make` registers an agent and lets it work.
 * docs/agents.md shows how.
 */

export type { Commands } from "../../contract/commands.ts";
export type {
  DialogNews,
  HandOff,
  ProposalDelivery,
  RoundOpened,
  Turn,
  VotingOpened,
} from "../../contract/deliveries.ts";
export type { AnswerOf, DocumentOf, InputOf, OperationName, ViewName } from "../../contract/views/mod.ts";
export type { Provenance } from "../../domain/kernel/mod.ts";
export { Agent, type AgentEnd } from "./agent.ts";
export type { AgentContext, AgentOptions, HandOffAnswer } from "./agent-options.ts";
export {
  type Accepted,
  type Answer,
  type Client,
  type ClientOptions,
  type CommandOptions,
  connect,
  type QueryOptions,
} from "./client.ts";
export { BackendUnavailable, CommandRefused, isDenied } from "./errors.ts";
export type { FeedEvent, FeedOptions } from "./feed.ts";
export type { Json, JsonObject } from "./json.ts";
export type { KnowledgeReplica, ReplicaOptions, Written } from "./knowledge/knowledge-replica.ts";
export { openReplica } from "./knowledge/replica.ts";
export { materialOf } from "./material.ts";
export { newSeed, type Signer, signerOf } from "./signer.ts";
export {
  type ChildEnd,
  type ChildRequest,
  type Progress,
  type Task,
  type TaskContext,
  TaskFailed,
  type TaskHandler,
} from "./task-context.ts";
export type { DocumentChange } from "./view.ts";

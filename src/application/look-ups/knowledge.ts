import { Effect } from "effect";
import type { CommandOf } from "../../domain/kernel/mod.ts";
import type { KnownToSpaces } from "../../domain/knowledge/contract.ts";
import { knowledge } from "../../domain/knowledge/decider.ts";
import { resolutionOf } from "../../domain/knowledge/resolution.ts";
import { aggregateOf } from "../aggregate.ts";
import { unavailableLog } from "../history.ts";
import { KnowledgeSpaces } from "../knowledge-spaces.ts";
import { Digests } from "../ports/mod.ts";
import { ReadModels } from "../read-models.ts";

type Command = CommandOf<typeof knowledge.commands>;

/** The signing keys of registered agents. */
const publicKeys = Effect.gen(function* () {
  const documents = yield* (yield* ReadModels).upToDate("agents");
  return (agent: string): string | undefined => {
    const document = documents.get(agent);
    return document?.registered === true ? document.publicKey : undefined;
  };
});

/** The revoked keys of principals. */
const revokedKeys = Effect.gen(function* () {
  const documents = yield* (yield* ReadModels).upToDate("principals");
  return (principal: string, publicKey: string): boolean =>
    documents.get(principal)?.revokedKeys.includes(publicKey) === true;
});

/** Returns the resolution of a conflict at the end of the log. */
const resolutionIn = Effect.fnUntraced(function* (space: string, about: { subject: string; predicate: string }) {
  const { now } = yield* unavailableLog((yield* KnowledgeSpaces).read(space));
  return resolutionOf(now.base, now.policy, about, now.trust);
});

const known = Effect.fnUntraced(function* (command: Command, space: string) {
  const { sha256, verify } = yield* Digests;
  const digests: KnownToSpaces = { sha256: hexSha256(sha256), verify };
  if (command.type === "resolve") {
    const resolution = yield* resolutionIn(space, command.payload);
    return resolution === undefined ? digests : { ...digests, resolution };
  }
  return "signature" in command.payload
    ? { ...digests, publicKeyOf: yield* publicKeys, isRevoked: yield* revokedKeys }
    : digests;
});

/**
 * Knowledge spaces. Every decision needs digests. A signed record also needs its author's keys, and a conflict needs
 * its resolution.
 */
export const knowledgeAggregate = aggregateOf(knowledge, known);

/** Returns a function that computes the SHA-256 of a text in hex, without the prefix that names the algorithm. */
export const hexSha256 =
  (sha256: Digests["Service"]["sha256"]) =>
  (text: string): string =>
    sha256(text).slice("sha256-".length);

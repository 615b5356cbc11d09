import { Schema } from "effect";
import { canonicalJson, type Steps } from "../../../domain/kernel/mod.ts";
import { afterCommit, type Chain, chainProblems, emptyChain, type Problem } from "../../chain.ts";
import { commandKey } from "../../command-request.ts";
import { knownFields } from "../../new-commit.ts";
import type { Commit, Digests } from "../../ports/mod.ts";

/** The part of an aggregate's history that later checks need. */
export interface History {
  readonly chain: Chain;
  readonly commands: Set<string>;
}

export const emptyHistory = (): History => ({ chain: emptyChain, commands: new Set() });

/** Returns the history with one more commit. */
export const withCommit = ({ commands }: History, commit: Commit): History => ({
  chain: afterCommit(commit),
  commands: commands.add(commandKey(commit.actor, commit.commandId)),
});

/** Checks that a commit has known fields only. An unknown field is a sign of tampering. */
const formProblems = (commit: Commit): ReadonlyArray<Problem> =>
  Object.keys(commit)
    .filter((field) => !knownFields.has(field))
    .map((field) => ({ problem: `it has a field \`${field}\`, which no commit has` }));

/** Checks that each command was handled only once. */
const repetitionProblems = ({ actor, commandId }: Commit, { commands }: History): ReadonlyArray<Problem> =>
  commands.has(commandKey(actor, commandId))
    ? [{ problem: `command ${commandId} of ${actor} was handled before` }]
    : [];

const isJsonOf = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Json));

/**
 * Checks a signature, and that it covers this command. The first token of the signed subject is the installation's
 * prefix.
 */
const signatureProblems = (
  commit: Commit,
  { verify, sha256 }: Pick<Digests["Service"], "verify" | "sha256">,
): ReadonlyArray<Problem> => {
  if (commit.signed === undefined) return [];
  const { publicKey, signature, text, payload } = commit.signed;
  const value = signedPayload(commit);
  const [commandId, subject = "", payloadDigest] = text.split("\n");
  const signedCommand = subject.split(".").slice(1).join(".");
  const thisCommand = `cmd.${commit.actor}.${commit.aggregate}.${commit.id}.${commit.command}`;
  return [
    ...(verify(publicKey, text, signature)
      ? []
      : [{ problem: `the signature of ${publicKey} does not fit what was signed` }]),
    ...(commandId === commit.commandId && signedCommand === thisCommand
      ? []
      : [{ problem: `${publicKey} signed another command than ${commit.commandId} on ${thisCommand}` }]),
    ...(payload === undefined || sha256(payload) === `sha256-${payloadDigest}`
      ? []
      : [{ problem: `${publicKey} signed another payload than the stored one` }]),
    ...(commit.payloadDigest === undefined ||
    value === undefined ||
    sha256(canonicalJson(value)) === commit.payloadDigest
      ? []
      : [{ problem: `its payload digest is not that of the payload that ${publicKey} signed` }]),
  ];
};

/** Returns the signed payload, if it is stored. */
export const signedPayload = ({ signed }: Commit): Schema.Json | undefined => {
  if (signed?.payload === undefined) return undefined;
  const decoded = isJsonOf(signed.payload);
  return decoded._tag === "Some" ? decoded.value : undefined;
};

/** Checks a commit by itself and against the earlier history of its aggregate. Pauses after each event. */
export function* commitProblems(
  commit: Commit,
  history: History,
  digests: Digests["Service"],
): Steps<ReadonlyArray<Problem>> {
  const form = formProblems(commit);
  const chain = yield* chainProblems(commit, history.chain, digests);
  return [...form, ...chain, ...repetitionProblems(commit, history), ...signatureProblems(commit, digests)];
}

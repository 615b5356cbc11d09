import { Schema } from "effect";
import { canonicalJson, type Steps } from "../../../domain/kernel/mod.ts";
import { afterCommit, type Chain, chainProblems, emptyChain, type Problem } from "../../chain.ts";
import { commandKey } from "../../command-request.ts";
import { knownFields } from "../../new-commit.ts";
import type { Commit, Digests } from "../../ports/mod.ts";

/** What is checked of an aggregate's history while it is read. */
export interface History {
  readonly chain: Chain;
  readonly commands: Set<string>;
}

export const emptyHistory = (): History => ({ chain: emptyChain, commands: new Set() });

/** The history with one more commit. */
export const withCommit = ({ commands }: History, commit: Commit): History => ({
  chain: afterCommit(commit),
  commands: commands.add(commandKey(commit.actor, commit.commandId)),
});

/** Every field of a commit has a meaning: one that has none was something else before. */
const formProblems = (commit: Commit): ReadonlyArray<Problem> =>
  Object.keys(commit)
    .filter((field) => !knownFields.has(field))
    .map((field) => ({ problem: `it has a field \`${field}\`, which no commit has` }));

/** Checks that a command was handled once. */
const repetitionProblems = ({ actor, commandId }: Commit, { commands }: History): ReadonlyArray<Problem> =>
  commands.has(commandKey(actor, commandId))
    ? [{ problem: `command ${commandId} of ${actor} was handled before` }]
    : [];

const isJsonOf = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Json));

/** Checks a signature, and that what was signed is this command. The subject's first token is the installation's prefix. */
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
      : [{ problem: `${publicKey} signed another payload than the one that is kept` }]),
    ...(commit.payloadDigest === undefined ||
    value === undefined ||
    sha256(canonicalJson(value)) === commit.payloadDigest
      ? []
      : [{ problem: `its payload digest is not that of the payload that ${publicKey} signed` }]),
  ];
};

/** The payload that was signed, if it is kept. */
export const signedPayload = ({ signed }: Commit): Schema.Json | undefined => {
  if (signed?.payload === undefined) return undefined;
  const decoded = isJsonOf(signed.payload);
  return decoded._tag === "Some" ? decoded.value : undefined;
};

/** Checks a commit by itself and by what was before it in its aggregate. Pauses after each event. */
export function* commitProblems(
  commit: Commit,
  history: History,
  digests: Digests["Service"],
): Steps<ReadonlyArray<Problem>> {
  const form = formProblems(commit);
  const chain = yield* chainProblems(commit, history.chain, digests);
  return [...form, ...chain, ...repetitionProblems(commit, history), ...signatureProblems(commit, digests)];
}

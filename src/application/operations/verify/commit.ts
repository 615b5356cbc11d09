import { Schema } from "effect";
import { canonicalJson } from "../../../domain/kernel/mod.ts";
import { commandKey } from "../../command-request.ts";
import { sealOf } from "../../new-commit.ts";
import { type Commit, type Digests, NewCommit } from "../../ports/mod.ts";

/** What does not fit, and in which event of the commit; in the commit as a whole where none is named. */
export interface Problem {
  readonly version?: number;
  readonly problem: string;
}

/** Where an aggregate's history stands while it is read. */
export interface Chain {
  readonly version: number;
  readonly cid: string | null;
  readonly time: string;
  readonly sealed: boolean;
  readonly commands: Set<string>;
}

export const emptyChain = (): Chain => ({ version: 0, cid: null, time: "", sealed: false, commands: new Set() });

/** The history with one more commit. */
export const afterCommit = ({ commands }: Chain, commit: Commit): Chain => ({
  version: commit.firstVersion + commit.events.length - 1,
  cid: commit.events.at(-1)?.cid ?? null,
  time: commit.time,
  sealed: commit.seal !== undefined,
  commands: commands.add(commandKey(commit.actor, commit.commandId)),
});

const known = new Set([...Object.keys(NewCommit.fields), "position"]);

/** Every field of a commit has a meaning: one that has none was something else before. */
const formProblems = (commit: Commit): ReadonlyArray<Problem> =>
  Object.keys(commit)
    .filter((field) => !known.has(field))
    .map((field) => ({ problem: `it has a field \`${field}\`, which no commit has` }));

/** Checks the numbering of a commit's events, its time, and that its command was handled once. */
const orderProblems = (commit: Commit, chain: Chain): ReadonlyArray<Problem> => [
  ...(commit.firstVersion === chain.version + 1
    ? []
    : [{ problem: `its first event is number ${commit.firstVersion}; number ${chain.version + 1} should follow` }]),
  ...(commit.time >= chain.time
    ? []
    : [{ problem: `its time ${commit.time} is before ${chain.time}, that of the commit before` }]),
  ...(chain.commands.has(commandKey(commit.actor, commit.commandId))
    ? [{ problem: `command ${commit.commandId} of ${commit.actor} was handled before` }]
    : []),
];

/** Recomputes the content ids of a commit's events from the one before them. */
const chainProblems = (commit: Commit, chain: Chain, cid: Digests["Service"]["cid"]): ReadonlyArray<Problem> => {
  const problems: Array<Problem> =
    (commit.previousCid ?? null) === chain.cid
      ? []
      : [
          {
            problem: `it says it follows ${commit.previousCid ?? "nothing"}, but ${chain.cid ?? "nothing"} is before it`,
          },
        ];
  let previous = chain.cid;
  commit.events.forEach(({ type, schemaVersion, data, cid: stored, ...more }, index) => {
    const version = chain.version + index + 1;
    if (cid({ content: { type, schemaVersion, data }, previous, sequence: version }) !== stored)
      problems.push({ version, problem: `event ${version} (${type}) is not what its content id ${stored} says` });
    for (const field of Object.keys(more))
      problems.push({ version, problem: `event ${version} (${type}) has a field \`${field}\`, which no event has` });
    previous = stored;
  });
  return problems;
};

/** Recomputes the seal. A commit without one is an old one: none of its aggregate's can have been sealed before. */
const sealProblems = (commit: Commit, chain: Chain, sha256: Digests["Service"]["sha256"]): ReadonlyArray<Problem> => {
  if (commit.seal === undefined)
    return chain.sealed ? [{ problem: "it has no seal, but the commit before it has one" }] : [];
  return sealOf(commit, sha256) === commit.seal
    ? []
    : [{ problem: "who, when or why of it is not what its seal says" }];
};

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

/** Whether two values are the same JSON. */
export const isSameJson = (left: Schema.Json, right: Schema.Json): boolean =>
  canonicalJson(left) === canonicalJson(right);

/** Checks a commit by itself and by what was before it in its aggregate. */
export const commitProblems = (commit: Commit, chain: Chain, digests: Digests["Service"]): ReadonlyArray<Problem> => [
  ...formProblems(commit),
  ...orderProblems(commit, chain),
  ...chainProblems(commit, chain, digests.cid),
  ...sealProblems(commit, chain, digests.sha256),
  ...signatureProblems(commit, digests),
];

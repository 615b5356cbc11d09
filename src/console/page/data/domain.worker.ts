import { Result } from "effect";
import { architectureRules } from "../../../agents/reviewers/architecture.ts";
import { capacityRules } from "../../../agents/reviewers/capacity.ts";
import { continuityRules } from "../../../agents/reviewers/continuity.ts";
import { review } from "../../../agents/reviewers/rule.ts";
import { securityRules } from "../../../agents/reviewers/security.ts";
import type { DocumentOf } from "../../../contract/views/mod.ts";
import { outlookOf, prospectsOf } from "../../../domain/consensus/outlook.ts";
import { graphFileText } from "../../../domain/graph/canonical.ts";
import { changeText } from "../../../domain/graph/change-text.ts";
import { applyChanges, diff, type GraphChange } from "../../../domain/graph/changes.ts";
import { edgeIdentity } from "../../../domain/graph/edge.ts";
import { decodeGraphDocument, examine, hasErrors } from "../../../domain/graph/problems.ts";
import { checkSecrets, secretLikeFields } from "../../../domain/graph/secret-check.ts";
import { differences } from "../../../domain/host/drift.ts";
import { stoppedUnits } from "../../../domain/host/state.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import type { Admission } from "../../../domain/nix/mod.ts";
import type { Draft } from "../../designer/draft.ts";
import { type Checked, checkedOf, type Reviewed } from "../../designer/issues.ts";
import { Hearer, type Told } from "./told-drafts.ts";

const topics = {
  architecture: architectureRules,
  security: securityRules,
  capacity: capacityRules,
  continuity: continuityRules,
} as const;

type Reviewer = keyof typeof topics;

/** What would be found in a graph by each reviewer; nothing in one that is broken, because it would not be reviewed. */
const findingsIn = ({
  problems,
  document,
}: ReturnType<typeof examine>): ReadonlyArray<Reviewed & { readonly reviewer: Reviewer }> => {
  if (document === undefined || hasErrors(problems)) return [];
  return (Object.keys(topics) as ReadonlyArray<Reviewer>).flatMap((reviewer) =>
    review(topics[reviewer], document).map((finding) => ({ reviewer, ...finding })),
  );
};

const findings = (input: unknown) => findingsIn(examine(input));

/** What validation and the reviewers' rules say of a draft. */
const check = (draft: Draft): Checked => {
  const examined = examine(draft);
  return checkedOf(draft, examined.problems, findingsIn(examined));
};

/** What turns one graph into another, in words; undefined if one of them is not a graph yet. */
const changesBetween = (before: unknown, after: unknown): ReadonlyArray<string> | undefined => {
  const [from, to] = [before, after].map((input) => Result.getOrUndefined(decodeGraphDocument(input)));
  if (from === undefined || to === undefined) return undefined;
  const edges = new Map(from.edges.map((edge) => [edgeIdentity(edge), edge]));
  const texts = diff(from, to).map((change) =>
    changeText(change, change.type === "disconnect" ? edges.get(change.id) : undefined),
  );
  // What a graph is for is no part of what is voted on, and its author wants to see it here.
  const { description = "" } = to;
  return description === (from.description ?? "")
    ? texts
    : [`the description is ${JSON.stringify(description)}`, ...texts];
};

/** The changes that turn one graph into another, as a condition of a ballot has them; undefined if one is not a graph. */
const graphChanges = (before: unknown, after: unknown): ReadonlyArray<GraphChange> | undefined => {
  const [from, to] = [before, after].map((input) => Result.getOrUndefined(decodeGraphDocument(input)));
  return from === undefined || to === undefined ? undefined : diff(from, to);
};

/** The text of a graph before and after changes; undefined if they cannot be made in it. */
const textsAround = (
  before: unknown,
  changes: ReadonlyArray<GraphChange>,
): { readonly before: string; readonly after: string } | undefined => {
  const from = Result.getOrUndefined(decodeGraphDocument(before));
  if (from === undefined) return undefined;
  const to = Result.getOrUndefined(applyChanges(from, changes));
  return to === undefined ? undefined : { before: graphFileText(from), after: graphFileText(to) };
};

/** How a host differs from what it should be, in words; undefined if no deployment has said what it should be. */
const driftOf = (host: DocumentOf<"hosts">): ReadonlyArray<string> => {
  const { desired, health, closure, observed, drifts } = host;
  if (desired === undefined || health === "unknown") return [];
  const look = defined({ closure, health, observed });
  return differences(desired, look, { drifts, stoppedUnits: stoppedUnits(host) }).map(({ detail }) => detail);
};

/**
 * What the firewalls of a graph let in; undefined if it has errors, because it is not rendered then. What renders graphs is
 * loaded when it is first asked for.
 */
const admissions = async (draft: Draft): Promise<ReadonlyArray<Admission> | undefined> => {
  const { document, problems } = examine(draft);
  if (document === undefined || hasErrors(problems)) return undefined;
  const { admissionsIn } = await import("../../../domain/nix/mod.ts");
  return admissionsIn(document);
};

/** The fields of a graph that look like secrets, as a command names those that are none; none if `before` has them too. */
const secretLike = (before: unknown, after: unknown): ReadonlyArray<string> => {
  const [old, next] = [before, after].map((input) => Result.getOrUndefined(decodeGraphDocument(input)));
  if (next === undefined || checkSecrets(next, { before: () => old ?? {} }).problems.length === 0) return [];
  return secretLikeFields(next);
};

/**
 * What of the domain runs in the worker: the very code of the backend. Each is pure, and takes and returns plain data. A
 * page that needs more of the domain adds a line here.
 */
const functions = {
  check,
  diff,
  changesBetween,
  graphChanges,
  textsAround,
  graphText: graphFileText,
  driftOf,
  secretLike,
  findings,
  admissions,
  prospects: prospectsOf,
  outlook: outlookOf,
};

/** The functions that {@link useDomain} knows, by name. */
export type DomainFunctions = typeof functions;

interface Asked {
  readonly id: number;
  readonly name: string;
  readonly given: ReadonlyArray<{ readonly told: Told } | { readonly value: unknown }>;
}

const hearer = new Hearer();

addEventListener("message", async ({ data: { id, name, given } }: MessageEvent<Asked>) => {
  try {
    const values = given.map((one) => ("told" in one ? hearer.hear(one.told) : one.value));
    const work = functions[name as keyof DomainFunctions] as (...given: ReadonlyArray<unknown>) => unknown;
    postMessage({ id, value: await work(...values) });
  } catch (error) {
    postMessage({ id, failure: error instanceof Error ? error.message : String(error) });
  }
});

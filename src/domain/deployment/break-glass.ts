import { Result } from "effect";
import type { KnownPolicy } from "../consensus/contract.ts";
import { isSameEyes, type Owners } from "../consensus/four-eyes.ts";
import { isNamed, namedText } from "../consensus/named.ts";
import { accept, type EventOf, type Rejection, type Role, refuse } from "../kernel/mod.ts";
import { type KnownToActivate, mayActivate } from "./activation.ts";
import type { deploymentEvents } from "./contract.ts";
import type { GivenBreakGlass } from "./glass.ts";
import { isOver } from "./lifecycle.ts";
import type { Deployment } from "./state.ts";

/** Looked up if somebody breaks the glass. */
export interface KnownToBreakGlass {
  /** The policy in force for deployments. */
  readonly policy: KnownPolicy;
  /** The roles of who breaks it, and the key that they have registered. */
  readonly roles: ReadonlySet<Role>;
  readonly publicKey?: string;
  /** The broken glass whose review nobody has closed yet, if there is one. */
  readonly open?: { readonly deployment: string; readonly by: string };
  readonly freezes: KnownToActivate["freezes"];
}

/** Looked up if somebody closes a review. */
export interface KnownToCloseReview {
  readonly isPerson: boolean;
  readonly owners: Owners;
}

type Event = EventOf<typeof deploymentEvents>;
type Decision = Result.Result<ReadonlyArray<Event>, Rejection>;

/** What the glass is broken for: a deployment that goes on, or one that is being requested. */
type Behind = Pick<Deployment, "id" | "graphDigest" | "flakeDigest" | "status" | "blocking" | "approvedAt" | "glass">;

interface Breaker {
  readonly principal: string;
  readonly signedBy?: string;
  readonly time: string;
}

/** Who may break the glass is said by the policy, and shows by their own signature that it is they. */
const mayBreak = (
  whose: string,
  { policy: { id, document }, roles, publicKey }: KnownToBreakGlass,
  { principal, signedBy }: Breaker,
): Result.Result<string, Rejection> => {
  const { breakGlass: named = {} } = document;
  if (!isNamed(named, principal, roles))
    return refuse(
      "may-not-break-glass",
      `${whose}: by policy \`${id}\` the glass is broken by ${namedText(named)}, and \`${principal}\` is not among them: cancel it, change the graph, or wait`,
      { policy: id },
    );
  if (publicKey === undefined)
    return refuse(
      "no-registered-key",
      `${whose}: a break-glass is signed, and \`${principal}\` has no key: make one with \`cim key new FILE\`, and register it with \`cim keys rotate ${principal} PUBLIC-KEY\``,
    );
  if (signedBy === undefined)
    return refuse("signature-required", `${whose}: a break-glass is signed; sign with the key of \`${principal}\``);
  return signedBy === publicKey
    ? Result.succeed(signedBy)
    : refuse("wrong-key", `${whose}: ${signedBy} is not the key that \`${principal}\` has registered`);
};

/** Whether nothing that a break-glass passes is in the way now. Before the vote has ended nobody knows that. */
const isFree = ({ status, approvedAt }: Behind, { policy, freezes }: KnownToBreakGlass, time: string): boolean => {
  if (status === "deploying") return freezes.length === 0;
  const isApproved = status === "generating" || status === "waiting";
  return isApproved && mayActivate({ policy: policy.document, freezes }, { approvedAt, time }).is !== "wait";
};

/**
 * Breaks the glass for one revision of a deployment: it is deployed past blocking findings, change windows, and the
 * freezes that stand now. The vote, required reviews, four eyes, digests and the age of an approval are not passed. The
 * review of the last one must be closed; a revision of the same deployment that came of conditions has the same review.
 */
export const breakGlass = (
  { reason, graphDigest, flakeDigest }: GivenBreakGlass,
  behind: Behind,
  known: KnownToBreakGlass | undefined,
  breaker: Breaker,
): Decision =>
  Result.gen(function* () {
    const { id, blocking, glass } = behind;
    const whose = `deployment \`${id}\``;
    if (known === undefined) return yield* refuse("not-known", `${whose}: nothing was looked up`);
    const signedBy = yield* mayBreak(whose, known, breaker);
    if (graphDigest !== behind.graphDigest || flakeDigest !== behind.flakeDigest)
      return yield* refuse(
        "other-revision",
        `${whose} is about revision ${behind.graphDigest} now, not ${graphDigest}: read what it is about, and break the glass for that`,
        { graphDigest: behind.graphDigest, flakeDigest: behind.flakeDigest },
      );
    const last = glass?.review === "open" ? glass.brokenBy.at(-1) : undefined;
    const open = known.open ?? (last === undefined ? undefined : { deployment: id, by: last });
    const isRenewed = open?.deployment === id && glass?.graphDigest !== graphDigest;
    if (open !== undefined && !isRenewed)
      return yield* refuse(
        "glass-review-open",
        `${whose}: \`${open.by}\` broke the glass for deployment \`${open.deployment}\`, and its review is open: somebody else closes it first, with \`cim review close ${open.deployment} --conclusion …\``,
        { ...open },
      );
    if (isFree(behind, known, breaker.time))
      return yield* refuse("nothing-in-the-way", `${whose}: nothing that a break-glass passes is in its way`);
    const freezes = known.freezes.map(({ id: freeze, since }) => ({ freeze, since }));
    const { principal: by } = breaker;
    const broken = { by, reason, graphDigest, flakeDigest, signedBy, findings: blocking, freezes };
    return [{ type: "glass-broken", data: broken }];
  });

/** Closes the review of a broken glass: a person who did not break it, once the deployment is over. */
export const closeReview = (
  conclusion: string,
  { id, status, glass }: Deployment,
  known: KnownToCloseReview | undefined,
  by: string,
): Decision => {
  const whose = `deployment \`${id}\``;
  if (known === undefined) return refuse("not-known", `${whose}: nothing was looked up`);
  if (glass === undefined) return refuse("no-glass-broken", `${whose}: nobody broke the glass, and there is no review`);
  if (glass.review === "closed") return accept();
  const breaker = glass.brokenBy.find((one) => isSameEyes(one, by, known.owners));
  if (breaker !== undefined)
    return refuse(
      "same-eyes",
      `${whose}: \`${by}\` is one pair of eyes with \`${breaker}\`, who broke the glass: somebody else closes its review`,
      { brokenBy: breaker },
    );
  if (!known.isPerson) return refuse("not-a-person", `${whose}: a person closes its review, and \`${by}\` is not one`);
  return isOver(status)
    ? accept({ type: "glass-review-closed", data: { by, conclusion } })
    : refuse("not-over", `${whose} is ${status}: its review is closed once it is over`, { status });
};

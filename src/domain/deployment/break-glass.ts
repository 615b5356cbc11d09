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

/** Looked up when somebody breaks the glass. */
export interface KnownToBreakGlass {
  /** The policy in force for deployments. */
  readonly policy: KnownPolicy;
  /** The roles of the principal that breaks it, and its registered key. */
  readonly roles: ReadonlySet<Role>;
  readonly publicKey?: string;
  /** A broken glass whose review is still open, if there is one. */
  readonly open?: { readonly deployment: string; readonly by: string };
  readonly freezes: KnownToActivate["freezes"];
}

/** Looked up when somebody closes a review. */
export interface KnownToCloseReview {
  readonly isPerson: boolean;
  readonly owners: Owners;
}

type Event = EventOf<typeof deploymentEvents>;
type Decision = Result.Result<ReadonlyArray<Event>, Rejection>;

/** What the glass is broken for: an open deployment, or one that is being requested. */
type Behind = Pick<Deployment, "id" | "graphDigest" | "flakeDigest" | "status" | "blocking" | "approvedAt" | "glass">;

interface Breaker {
  readonly principal: string;
  readonly signedBy?: string;
  readonly time: string;
}

/**
 * Checks that the policy lets the principal break the glass, and that the principal's own signature proves its
 * identity.
 */
const mayBreak = (
  whose: string,
  { policy: { id, document }, roles, publicKey }: KnownToBreakGlass,
  { principal, signedBy }: Breaker,
): Result.Result<string, Rejection> => {
  const { breakGlass: named = {} } = document;
  if (!isNamed(named, principal, roles))
    return refuse(
      "may-not-break-glass",
      `${whose}: by policy \`${id}\` only ${namedText(named)} may break the glass, and \`${principal}\` is not among them: cancel it, change the graph, or wait`,
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

/**
 * Returns whether nothing that a break-glass bypasses is currently in the way. This is unknown until the vote has
 * ended.
 */
const isFree = ({ status, approvedAt }: Behind, { policy, freezes }: KnownToBreakGlass, time: string): boolean => {
  if (status === "deploying") return freezes.length === 0;
  const isApproved = status === "generating" || status === "waiting";
  return isApproved && mayActivate({ policy: policy.document, freezes }, { approvedAt, time }).is !== "wait";
};

/**
 * Breaks the glass for one revision of a deployment. The revision is deployed despite blocking findings, change
 * windows, and the freezes now in force. The vote, required reviews, four eyes, digests and the expiry of approvals
 * still apply. The review of the last broken glass must be closed first. A revision that conditions made from the same
 * deployment shares its review.
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
        `${whose}: \`${open.by}\` broke the glass for deployment \`${open.deployment}\`, and its review is open: another person must close it first, with \`cim review close ${open.deployment} --conclusion …\``,
        { ...open },
      );
    if (isFree(behind, known, breaker.time))
      return yield* refuse("nothing-in-the-way", `${whose}: nothing that a break-glass bypasses is in its way`);
    const freezes = known.freezes.map(({ id: freeze, since }) => ({ freeze, since }));
    const { principal: by } = breaker;
    const broken = { by, reason, graphDigest, flakeDigest, signedBy, findings: blocking, freezes };
    return [{ type: "glass-broken", data: broken }];
  });

/** Closes the review of a broken glass. This takes a person who did not break it, after the end of the deployment. */
export const closeReview = (
  conclusion: string,
  { id, status, glass }: Deployment,
  known: KnownToCloseReview | undefined,
  by: string,
): Decision => {
  const whose = `deployment \`${id}\``;
  if (known === undefined) return refuse("not-known", `${whose}: nothing was looked up`);
  if (glass === undefined) return refuse("no-glass-broken", `${whose}: nobody broke the glass, so there is no review`);
  if (glass.review === "closed") return accept();
  const breaker = glass.brokenBy.find((one) => isSameEyes(one, by, known.owners));
  if (breaker !== undefined)
    return refuse(
      "same-eyes",
      `${whose}: \`${by}\` is one pair of eyes with \`${breaker}\`, who broke the glass: another person must close its review`,
      { brokenBy: breaker },
    );
  if (!known.isPerson)
    return refuse("not-a-person", `${whose}: only a person may close its review, and \`${by}\` is not one`);
  return isOver(status)
    ? accept({ type: "glass-review-closed", data: { by, conclusion } })
    : refuse("not-over", `${whose} is ${status}: close its review once it is over`, { status });
};

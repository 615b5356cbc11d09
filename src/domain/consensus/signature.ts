import type { Result } from "effect";
import { type Rejection, refuse } from "../kernel/mod.ts";
import type { Member } from "./electorate.ts";
import type { Rules } from "./rules.ts";

/** When the key of the signer is fixed. */
const fixed = { ballot: "when voting opened", veto: "when it was submitted" } as const;

/**
 * Refuses a ballot or a veto without the required signature; undefined if it can be attributed to its giver. If the
 * rules require signatures, an unsigned ballot, or one under another key, is refused. The application has verified that
 * the signature fits this command. This function decides whose key it must be.
 */
export const signatureProblem = (
  act: keyof typeof fixed,
  { signedBallots }: Pick<Rules, "signedBallots">,
  { id, publicKey }: Pick<Member, "id" | "publicKey">,
  { aggregateId, signedBy }: { readonly aggregateId: string; readonly signedBy?: string },
): Result.Result<never, Rejection> | undefined => {
  const proposal = `proposal \`${aggregateId}\``;
  if (signedBy === undefined)
    return signedBallots === true
      ? refuse("signature-required", `${proposal}: a ${act} must be signed; sign with the key of \`${id}\``)
      : undefined;
  if (publicKey === undefined)
    return refuse(
      "no-registered-key",
      `${proposal}: \`${id}\` had no key registered ${fixed[act]}, so its signature cannot be checked`,
    );
  return signedBy === publicKey
    ? undefined
    : refuse("wrong-key", `${proposal}: ${signedBy} is not the key that \`${id}\` had registered ${fixed[act]}`);
};

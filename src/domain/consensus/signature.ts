import type { Result } from "effect";
import { type Rejection, refuse } from "../kernel/mod.ts";
import type { Member } from "./electorate.ts";
import type { Rules } from "./rules.ts";

/** Since when the key of the signer is fixed. */
const fixed = { ballot: "when voting opened", veto: "when it was submitted" } as const;

/**
 * Refuses a ballot or a veto that is not signed as the rules want; undefined if it may be taken as its giver's own. A
 * ballot may be signed; if the rules require it, an unsigned one or one under another key is refused. The application
 * has checked that the signature fits this very command. Here is decided whose key it must be.
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
      `${proposal}: \`${id}\` had no key registered ${fixed[act]}, so that nothing can be signed with it`,
    );
  return signedBy === publicKey
    ? undefined
    : refuse("wrong-key", `${proposal}: ${signedBy} is not the key that \`${id}\` had registered ${fixed[act]}`);
};

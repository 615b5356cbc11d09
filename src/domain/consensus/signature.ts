import type { Result } from "effect";
import { type Rejection, refuse } from "../kernel/mod.ts";
import type { Member } from "./electorate.ts";
import type { Rules } from "./rules.ts";

/**
 * Why a ballot may not be taken as its voter's own; undefined where it may. That the signature fits this very command
 * was checked when it came in: here is decided whose key it must be.
 */
export const signatureProblem = (
  { signedBallots }: Pick<Rules, "signedBallots">,
  { id, publicKey }: Member,
  signedBy: string | undefined,
  proposal: string,
): Result.Result<never, Rejection> | undefined => {
  if (signedBy === undefined)
    return signedBallots === true
      ? refuse("signature-required", `proposal \`${proposal}\`: ballots must be signed; sign with the key of \`${id}\``)
      : undefined;
  if (publicKey === undefined)
    return refuse(
      "no-registered-key",
      `proposal \`${proposal}\`: \`${id}\` had no key registered when voting opened, so that nothing can be signed with it`,
    );
  return signedBy === publicKey
    ? undefined
    : refuse("wrong-key", `proposal \`${proposal}\`: ${signedBy} is not the key that \`${id}\` had registered`);
};

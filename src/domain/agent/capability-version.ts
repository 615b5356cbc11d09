import { Schema } from "effect";

/** A version of a capability: up to three numbers, `2`, `2.1` or `2.1.0`; what is not written is 0. */
export const CapabilityVersion = Schema.String.check(
  Schema.isPattern(/^\d{1,9}(\.\d{1,9}){0,2}$/u, { expected: "a version: 2, 2.1 or 2.1.0" }),
);

const numbersOf = (version: string): readonly [number, number, number] => {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  return [major, minor, patch];
};

/**
 * Whether a version that is offered does for one that is wanted: the same major number, and not older, as Semantic
 * Versioning has it. Who offers no version promises none.
 */
export const satisfies = (offered: string | undefined, wanted: string | undefined): boolean => {
  if (wanted === undefined) return true;
  if (offered === undefined) return false;
  const [major, minor, patch] = numbersOf(offered);
  const [wantedMajor, wantedMinor, wantedPatch] = numbersOf(wanted);
  return major === wantedMajor && (minor > wantedMinor || (minor === wantedMinor && patch >= wantedPatch));
};

import { Schema } from "effect";
import { Instant } from "../kernel/mod.ts";
import type { Desired } from "./desired.ts";
import type { Observed } from "./observed.ts";

/**
 * How a host can differ from its desired state: it runs another closure, it would run another one after a reboot, a
 * unit has failed, or it does not answer.
 */
export const DriftKind = Schema.Literals(["closure", "boot", "unit", "unreachable"]);
export type DriftKind = typeof DriftKind.Type;

/** A difference between the desired and the observed state. */
export const Difference = Schema.Struct({
  kind: DriftKind,
  /** The failed unit, for the kind `unit`. */
  unit: Schema.optionalKey(Schema.NonEmptyString),
  expected: Schema.String,
  observed: Schema.String,
  detail: Schema.String,
});
export type Difference = typeof Difference.Type;

/** A noticed difference, with its number on the host. */
export const Drift = Schema.Struct({ drift: Schema.Int, ...Difference.fields, since: Instant });
export type Drift = typeof Drift.Type;

/** Returns whether two differences are the same: the same kind and unit. The observed value may change over time. */
export const isSame = (one: Pick<Difference, "kind" | "unit">, other: Pick<Difference, "kind" | "unit">): boolean =>
  one.kind === other.kind && one.unit === other.unit;

/** An observation of a host. */
export interface Look {
  readonly closure?: string;
  readonly health: "healthy" | "unhealthy" | "unreachable";
  readonly observed?: Observed;
}

const unreachable: Difference = {
  kind: "unreachable",
  expected: "an answer",
  observed: "none",
  detail: "it does not answer",
};

/**
 * Returns the differing closure, if any. A host with another running closure has no separate boot drift, because one
 * repair fixes both.
 */
const differingClosure = (desired: Desired, { closure, observed }: Look): ReadonlyArray<Difference> => {
  const { closure: expected, activation, untilReboot } = desired;
  if (closure !== undefined && closure !== expected && closure !== untilReboot)
    return [{ kind: "closure", expected, observed: closure, detail: `it runs ${closure}, not ${expected}` }];
  const boot = observed?.boot;
  return boot === undefined || boot === expected || activation === "test"
    ? []
    : [{ kind: "boot", expected, observed: boot, detail: `after a reboot it would run ${boot}, not ${expected}` }];
};

/**
 * Returns how a host differs from its desired state according to an observation. A unit that was stopped on purpose has
 * not failed, whatever systemd reports. For a host that does not answer, the known differences stay.
 */
export const differences = (
  desired: Desired,
  look: Look,
  known: { readonly drifts: ReadonlyArray<Difference>; readonly stoppedUnits: ReadonlyArray<string> },
): ReadonlyArray<Difference> => {
  if (look.health === "unreachable") return [...known.drifts.filter(({ kind }) => kind !== "unreachable"), unreachable];
  const failed = (look.observed?.failedUnits ?? []).filter((unit) => !known.stoppedUnits.includes(unit));
  return [
    ...differingClosure(desired, look),
    ...failed.toSorted().map(
      (unit): Difference => ({
        kind: "unit",
        unit,
        expected: "active",
        observed: "failed",
        detail: `${unit} has failed`,
      }),
    ),
  ];
};

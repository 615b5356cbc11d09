import { Result, Struct } from "effect";
import { defined, type Rejection, refuse } from "../kernel/mod.ts";

/** The references of unpinned inputs, by name. */
export type OpenInputs = Readonly<Record<string, string>>;

/** The part of a request about unpinned inputs. */
interface AskedInputs {
  readonly graph: string;
  readonly target: "simulated" | "nixos";
  /** The inputs that may stay unpinned. */
  readonly unpinned?: ReadonlyArray<string>;
  readonly breakGlass?: object;
}

/**
 * The decision about unpinned inputs: `toPin` are pinned before the review, and `unpinned` stay unpinned as requested.
 */
interface SettledInputs {
  readonly toPin?: OpenInputs;
  readonly unpinned?: ReadonlyArray<string>;
}

/**
 * Decides about `open`, the inputs that neither the graph nor the installation pins. Without pins, each building
 * machine would resolve a branch for itself, and two may get different results. The next deployment would resolve it
 * again too, and could bring another kernel with a one-line change. Simulated hosts are not built from inputs, so they
 * need no pins.
 */
export const settleInputs = (
  { graph, target, unpinned = [], breakGlass }: AskedInputs,
  open: OpenInputs,
  subject: string,
): Result.Result<SettledInputs, Rejection> => {
  if (target === "simulated") return Result.succeed({});
  const accepted = Object.keys(open).filter((name) => unpinned.includes(name));
  const toPin = Struct.omit(open, accepted);
  const names = Object.keys(toPin);
  if (breakGlass !== undefined && names.length > 0)
    return refuse(
      "inputs-not-pinned",
      `${subject}: a broken glass is for one revision, and pinning ${names.join(", ")} creates another one; ${pinRemedy(graph, names)}`,
      { inputs: names },
    );
  return Result.succeed(
    defined({
      toPin: names.length === 0 ? undefined : toPin,
      unpinned: accepted.length === 0 ? undefined : accepted,
    }),
  );
};

/** Returns the remedy for inputs that could not be pinned. */
export const pinRemedy = (graph: string, names: ReadonlyArray<string>): string =>
  `pin with \`cim graph pin ${graph}\`, or request it with ${names.join(", ")} as \`unpinned\` (\`cim deploy --unpinned\`)`;

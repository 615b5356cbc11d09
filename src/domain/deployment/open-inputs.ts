import { Result, Struct } from "effect";
import { defined, type Rejection, refuse } from "../kernel/mod.ts";

/** What inputs of a flake name, by the names of the inputs. */
export type OpenInputs = Readonly<Record<string, string>>;

/** What a request says about inputs that are not pinned. */
interface AskedInputs {
  readonly graph: string;
  readonly target: "simulated" | "nixos";
  /** The inputs that may stay open. */
  readonly unpinned?: ReadonlyArray<string>;
  readonly breakGlass?: object;
}

/** What becomes of the open inputs: `toPin` are pinned before the review, and `unpinned` stay open as the request says. */
interface SettledInputs {
  readonly toPin?: OpenInputs;
  readonly unpinned?: ReadonlyArray<string>;
}

/**
 * What a request makes of `open`, the inputs that neither the graph nor the installation pins. Each machine that builds
 * would find out what a branch means, and two may differ; so would the next deployment, which could bring another
 * kernel by a change of one line. Simulated hosts are built from nothing, and need no pins.
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
      `${subject}: the glass is broken for one revision, and pinning ${names.join(", ")} makes another one; ${pinRemedy(graph, names)}`,
      { inputs: names },
    );
  return Result.succeed(
    defined({
      toPin: names.length === 0 ? undefined : toPin,
      unpinned: accepted.length === 0 ? undefined : accepted,
    }),
  );
};

/** What to do about inputs that could not be pinned. */
export const pinRemedy = (graph: string, names: ReadonlyArray<string>): string =>
  `pin with \`cim graph pin ${graph}\`, or request it with ${names.join(", ")} as \`unpinned\` (\`cim deploy --unpinned\`)`;

/** The steps at which a simulated host can vanish. */
export const faultSteps = ["current", "copy", "activate", "check", "confirm", "revert"] as const;
export type FaultStep = (typeof faultSteps)[number];

/** Something that goes wrong on a simulated host. */
export type Fault =
  /** The node's health checks fail there. */
  | { readonly kind: "unhealthy"; readonly node: string; readonly host: string }
  /** The host does not answer from this step on; for so many seconds, or until the faults are set anew. */
  | { readonly kind: "vanish"; readonly host: string; readonly atStep: FaultStep; readonly forSeconds?: number }
  | { readonly kind: "build-fails"; readonly host: string }
  | { readonly kind: "activation-fails"; readonly host: string };

const name = "[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?";
const unhealthy = new RegExp(`^(?<node>${name})@(?<host>${name})$`);
const failing = new RegExp(`^(?<kind>build-fails|activation-fails):(?<host>${name})$`);
const vanishing = new RegExp(`^vanish:(?<host>${name})@(?<step>[a-z]+)(?::(?<seconds>\\d+(?:\\.\\d+)?))?$`);

const forms = "NODE@HOST, build-fails:HOST, activation-fails:HOST or vanish:HOST@STEP[:SECONDS]";

/** A fault as it is written on the command line; an `Error` that says how to write it otherwise. */
export const parseFault = (text: string): Fault => {
  const ill = unhealthy.exec(text)?.groups;
  if (ill?.node !== undefined && ill.host !== undefined) return { kind: "unhealthy", node: ill.node, host: ill.host };
  const failed = failing.exec(text)?.groups;
  if (failed?.host !== undefined)
    return { kind: failed.kind === "build-fails" ? "build-fails" : "activation-fails", host: failed.host };
  const gone = vanishing.exec(text)?.groups;
  if (gone?.host === undefined) throw new Error(`fault \`${text}\` is not understood: write ${forms}`);
  const atStep = faultSteps.find((step) => step === gone.step);
  if (atStep === undefined)
    throw new Error(`fault \`${text}\`: there is no step \`${gone.step}\`: use one of ${faultSteps.join(", ")}`);
  const { host, seconds } = gone;
  return { kind: "vanish", host, atStep, ...(seconds === undefined ? {} : { forSeconds: Number(seconds) }) };
};

/** True where the node's checks fail on the host. */
export const isUnhealthy = (faults: ReadonlyArray<Fault>, node: string, host: string): boolean =>
  faults.some((fault) => fault.kind === "unhealthy" && fault.node === node && fault.host === host);

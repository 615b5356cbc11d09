import { defined } from "../../domain/kernel/mod.ts";

/** The steps at which a simulated host can vanish. */
export const faultSteps = ["current", "copy", "activate", "check", "confirm", "revert"] as const;
export type FaultStep = (typeof faultSteps)[number];

/** A fault of a simulated host. */
export type Fault =
  /** The node's health checks fail there. */
  | { readonly kind: "unhealthy"; readonly node: string; readonly host: string }
  /** The host does not answer from this step on, for `forSeconds` or until the faults are set again. */
  | { readonly kind: "vanish"; readonly host: string; readonly atStep: FaultStep; readonly forSeconds?: number }
  | { readonly kind: "build-fails"; readonly host: string }
  | { readonly kind: "activation-fails"; readonly host: string }
  /** The host runs another system by a change by hand, which a reboot would undo; once. */
  | { readonly kind: "drift"; readonly host: string }
  /** The host is started again, into another generation of its system; once. */
  | { readonly kind: "reboot"; readonly host: string }
  /** A unit fails, until it is started or another system runs; once. */
  | { readonly kind: "unit-failed"; readonly unit: string; readonly host: string };

/** Faults that happen once under each edition of the faults, at the next look at their host. */
export type Mishap = Extract<Fault, { readonly kind: "drift" | "reboot" | "unit-failed" }>;

const name = "[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?";
const unhealthy = new RegExp(`^(?<node>${name})@(?<host>${name})$`);
const failing = new RegExp(`^(?<kind>build-fails|activation-fails|drift|reboot):(?<host>${name})$`);
const failedUnit = new RegExp(`^unit-failed:(?<unit>[A-Za-z0-9:_.-]+)@(?<host>${name})$`);
const vanishing = new RegExp(`^vanish:(?<host>${name})@(?<step>[a-z]+)(?::(?<seconds>\\d+(?:\\.\\d+)?))?$`);

const forms =
  "NODE@HOST, build-fails:HOST, activation-fails:HOST, vanish:HOST@STEP[:SECONDS], drift:HOST, reboot:HOST or unit-failed:UNIT@HOST";

/** Returns a unit as systemctl takes it: a service if the text has no suffix. */
const unitNamed = (text: string): string => (/\.[a-z]+$/.test(text) ? text : `${text}.service`);

const hostFaults = ["build-fails", "activation-fails", "drift", "reboot"] as const;

/** Returns the fault that a text of the command line means. Throws an `Error` with the known forms otherwise. */
export const parseFault = (text: string): Fault => {
  const ill = unhealthy.exec(text)?.groups;
  if (ill?.node !== undefined && ill.host !== undefined) return { kind: "unhealthy", node: ill.node, host: ill.host };
  const failed = failing.exec(text)?.groups;
  const kind = hostFaults.find((one) => one === failed?.kind);
  if (failed?.host !== undefined && kind !== undefined) return { kind, host: failed.host };
  const down = failedUnit.exec(text)?.groups;
  if (down?.unit !== undefined && down.host !== undefined)
    return { kind: "unit-failed", unit: unitNamed(down.unit), host: down.host };
  const gone = vanishing.exec(text)?.groups;
  if (gone?.host === undefined) throw new Error(`fault \`${text}\` is not understood: write ${forms}`);
  const atStep = faultSteps.find((step) => step === gone.step);
  if (atStep === undefined)
    throw new Error(`fault \`${text}\`: there is no step \`${gone.step}\`: use one of ${faultSteps.join(", ")}`);
  const { host, seconds } = gone;
  return defined({ kind: "vanish", host, atStep, forSeconds: seconds === undefined ? undefined : Number(seconds) });
};

/** Returns true if the node's checks fail on the host. */
export const isUnhealthy = (faults: ReadonlyArray<Fault>, node: string, host: string): boolean =>
  faults.some((fault) => fault.kind === "unhealthy" && fault.node === node && fault.host === host);

/** Returns the mishaps of a host under these faults. Each happens once. */
export const mishapsOf = (faults: ReadonlyArray<Fault>, host: string): ReadonlyArray<Mishap> =>
  faults.filter(
    (fault): fault is Mishap =>
      (fault.kind === "drift" || fault.kind === "reboot" || fault.kind === "unit-failed") && fault.host === host,
  );

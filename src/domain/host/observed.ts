import { Schema } from "effect";
import { Closure } from "./desired.ts";

const Bytes = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0));

/** An observation of a host at one moment, besides its closure and the health of its nodes. */
export const Observed = Schema.Struct({
  /** The closure that runs after a reboot. */
  boot: Schema.optionalKey(Closure),
  /** The number of that closure's generation in the system profile. */
  generation: Schema.optionalKey(Schema.Int),
  /** The parts that were booted in another version than the system has: the kernel, for example. */
  rebootNeeded: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Units that have failed. */
  failedUnits: Schema.Array(Schema.NonEmptyString),
  /** Processes that ran or waited, on average over the last minute. */
  load: Schema.optionalKey(Schema.Finite),
  /** The file system of the Nix store. */
  disk: Schema.optionalKey(Schema.Struct({ totalBytes: Bytes, freeBytes: Bytes })),
  uptimeSeconds: Schema.optionalKey(Schema.Finite),
});
export type Observed = typeof Observed.Type;

/** Load is noticeable if it changes by at least this, and by at least half of what it was. */
const littleLoad = 1;
/** The share of the file system by which its free space has to change. */
const littleDisk = 0.05;

const loadChanged = (before = 0, now = 0): boolean =>
  Math.abs(now - before) >= Math.max(littleLoad, Math.abs(before) / 2);

const diskChanged = (before: Observed["disk"], now: Observed["disk"]): boolean => {
  if (before === undefined || now === undefined) return before !== now;
  return (
    before.totalBytes !== now.totalBytes || Math.abs(now.freeBytes - before.freeBytes) >= now.totalBytes * littleDisk
  );
};

/** Seconds by which an uptime may be behind: looking takes a moment, and clocks differ. */
const lateness = 10;

/** A host that is up for less long than it would be by now has been started again meanwhile. */
const restarted = (before: Observed, now: Observed, seconds: number): boolean =>
  before.uptimeSeconds !== undefined &&
  now.uptimeSeconds !== undefined &&
  now.uptimeSeconds < before.uptimeSeconds + seconds - lateness;

/**
 * Whether an observation shows something new, `seconds` after the one before: any change of generation or units, a
 * reboot, and load and free space if they changed noticeably. Time alone is not new.
 */
export const isNoticeable = (before: Observed | undefined, now: Observed, seconds: number): boolean =>
  before === undefined ||
  before.boot !== now.boot ||
  before.generation !== now.generation ||
  (before.rebootNeeded ?? []).join() !== (now.rebootNeeded ?? []).join() ||
  before.failedUnits.length !== now.failedUnits.length ||
  before.failedUnits.some((unit) => !now.failedUnits.includes(unit)) ||
  restarted(before, now, seconds) ||
  loadChanged(before.load, now.load) ||
  diskChanged(before.disk, now.disk);

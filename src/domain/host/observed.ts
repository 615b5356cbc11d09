import { Schema } from "effect";
import { Closure } from "./desired.ts";

const Bytes = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0));

/** An observation of a host at one moment, without its closure and the health of its nodes. */
export const Observed = Schema.Struct({
  /** The closure that runs after a reboot. */
  boot: Schema.optionalKey(Closure),
  /** The number of that closure's generation in the system profile. */
  generation: Schema.optionalKey(Schema.Int),
  /** The parts that were booted in another version than the system has, such as the kernel. */
  rebootNeeded: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Failed units. */
  failedUnits: Schema.Array(Schema.NonEmptyString),
  /** The load average over the last minute: processes that run or wait. */
  load: Schema.optionalKey(Schema.Finite),
  /** The file system of the Nix store. */
  disk: Schema.optionalKey(Schema.Struct({ totalBytes: Bytes, freeBytes: Bytes })),
  uptimeSeconds: Schema.optionalKey(Schema.Finite),
});
export type Observed = typeof Observed.Type;

/** A change of load is noticeable from this value on, and from half of the former load on. */
const littleLoad = 1;
/** The minimum change of free space, as a share of the file system. */
const littleDisk = 0.05;

const loadChanged = (before = 0, now = 0): boolean =>
  Math.abs(now - before) >= Math.max(littleLoad, Math.abs(before) / 2);

const diskChanged = (before: Observed["disk"], now: Observed["disk"]): boolean => {
  if (before === undefined || now === undefined) return before !== now;
  return (
    before.totalBytes !== now.totalBytes || Math.abs(now.freeBytes - before.freeBytes) >= now.totalBytes * littleDisk
  );
};

/** The tolerance for an uptime in seconds, because observing takes a moment and clocks differ. */
const lateness = 10;

/** Returns whether a host was restarted: its uptime is shorter than it should be by now. */
const restarted = (before: Observed, now: Observed, seconds: number): boolean =>
  before.uptimeSeconds !== undefined &&
  now.uptimeSeconds !== undefined &&
  now.uptimeSeconds < before.uptimeSeconds + seconds - lateness;

/**
 * Returns whether an observation shows something new, `seconds` after the previous one: a changed generation, changed
 * units, a reboot, or noticeably changed load or free space. The passing of time alone is not new.
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

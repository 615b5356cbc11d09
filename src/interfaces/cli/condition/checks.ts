import type { Check } from "./check.ts";
import { certificates, disk, durability, server, settings, streams } from "./server-checks.ts";
import { backends, clocks, consumers, httpPort, lag, leases, log, parked } from "./work-checks.ts";

/** Every check, in the order in which it is shown. */
export const checks: ReadonlyArray<Check> = [
  server,
  settings,
  durability,
  log,
  streams,
  backends,
  leases,
  lag,
  parked,
  consumers,
  clocks,
  disk,
  certificates,
  httpPort,
];

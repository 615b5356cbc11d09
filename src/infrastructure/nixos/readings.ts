import type { Observation } from "../../contract/hosts.ts";
import type { ActivationEnd } from "../../domain/host/activation-outcome.ts";
import type { RunningHost } from "../../domain/host/removals.ts";
import { defined } from "../../domain/kernel/mod.ts";

export const numberIn = (text: string | undefined): number | undefined => {
  const value = text === undefined || text === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
};

type Pair = readonly [key: string, value: string];

export const pairsOf = (text: string): ReadonlyArray<Pair> =>
  text.split("\n").flatMap((line): ReadonlyArray<Pair> => {
    const at = line.indexOf("=");
    return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
  });

export const valuesOf = (pairs: ReadonlyArray<Pair>, wanted: string): ReadonlyArray<string> =>
  pairs.filter(([key]) => key === wanted).map(([, value]) => value);

/** Reads the lines that `outcome` of `scripts/host.sh` prints. */
export const readEnd = (text: string): ActivationEnd => {
  const pairs = pairsOf(text);
  return {
    code: numberIn(valuesOf(pairs, "code")[0]) ?? 0,
    failedBefore: valuesOf(pairs, "before"),
    failed: valuesOf(pairs, "failed"),
    said: valuesOf(pairs, "said"),
  };
};

/**
 * Reads the lines `key=value` that `observe` of `scripts/host.sh` prints. A value that the host did not print is
 * absent.
 */
export const readObservation = (text: string): Observation => {
  const pairs = pairsOf(text);
  const printed = new Map(pairs);
  const outdated = valuesOf(pairs, "outdated");
  const [totalBytes, freeBytes] = [numberIn(printed.get("total")), numberIn(printed.get("free"))];
  return defined({
    closure: printed.get("closure") ?? "",
    failedUnits: valuesOf(pairs, "failed"),
    boot: printed.get("boot") || undefined,
    rebootNeeded: outdated.length === 0 ? undefined : outdated,
    generation: numberIn(printed.get("generation")),
    load: numberIn(printed.get("load")),
    uptimeSeconds: numberIn(printed.get("uptime")),
    disk: totalBytes === undefined || freeBytes === undefined ? undefined : { totalBytes, freeBytes },
  });
};

/** The words of a line, which tabs separate. */
export const words = (line: string): readonly [string, string, string] => {
  const [first = "", second = "", third = ""] = line.split("\t");
  return [first, second, third];
};

/** Reads the lines that `look` of `scripts/host.sh` prints. */
export const readRunning = (text: string): RunningHost => {
  const pairs = pairsOf(text);
  const all = (key: string) => valuesOf(pairs, key);
  const [bootLoader = "", newBootLoader = ""] = [...all("loader"), ...all("new-loader")];
  return {
    mounts: all("mount").map((line) => {
      const [path, device] = words(line);
      // fstab writes a space as `\040`.
      return { path: path.replaceAll("\\040", " "), device };
    }),
    swaps: all("swap"),
    ...defined({ bootLoader: bootLoader || undefined, newBootLoader: newBootLoader || undefined }),
    firmware: all("firmware")[0] === "uefi" ? "uefi" : "bios",
    rootDrivers: all("driver"),
    addresses: all("address").map((line) => words(line)[0]),
    gateways: [...new Set(all("gateway").map((line) => words(line)[0]))],
    sshPorts: all("ssh-port").map(Number),
    keys: all("key").map((entry) => {
      const [user, where, line] = words(entry);
      return { user, home: where === "home", line };
    }),
    sudoers: all("sudoer"),
    passwords: all("password"),
    declared: all("declared"),
    devices: new Map(
      all("device").map((line) => {
        const [name, device] = words(line);
        return [name, device];
      }),
    ),
  };
};

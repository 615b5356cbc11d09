/** What is seen of a host: what `observe` in `scripts/host.sh` prints, read. */
export interface Observation {
  readonly closure: string;
  readonly boot?: string;
  readonly generation?: number;
  readonly failedUnits: ReadonlyArray<string>;
  readonly load?: number;
  readonly disk?: { readonly totalBytes: number; readonly freeBytes: number };
  readonly uptimeSeconds?: number;
}

const numberIn = (text: string | undefined): number | undefined => {
  const value = text === undefined || text === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
};

const withField = <K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, V>);

/** Reads lines `key=value`; what the host could not tell is absent. */
export const readObservation = (text: string): Observation => {
  const pairs = text.split("\n").flatMap((line) => {
    const at = line.indexOf("=");
    return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
  });
  const told = new Map(pairs);
  const [totalBytes, freeBytes] = [numberIn(told.get("total")), numberIn(told.get("free"))];
  return {
    closure: told.get("closure") ?? "",
    failedUnits: pairs.filter(([key]) => key === "failed").map(([, unit]) => unit),
    ...withField("boot", told.get("boot") || undefined),
    ...withField("generation", numberIn(told.get("generation"))),
    ...withField("load", numberIn(told.get("load"))),
    ...withField("uptimeSeconds", numberIn(told.get("uptime"))),
    ...(totalBytes === undefined || freeBytes === undefined ? {} : { disk: { totalBytes, freeBytes } }),
  };
};

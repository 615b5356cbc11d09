import { defined } from "../../src/domain/kernel/mod.ts";

/**
 * One line of `cim bench NAME --json`. `ratio` = `value` / `floor`; both are measured in this run, in the same unit.
 */
export interface Measurement {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly floor?: number;
  readonly p50?: number;
  readonly p99?: number;
  /** What the design asks for, in the same unit. */
  readonly aim?: number;
  /** What one must know to understand the value. */
  readonly note?: string | undefined;
}

const rounded = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Number(value.toPrecision(4));

/** Prints a measurement: a JSON line with `--json`, otherwise a line for people. */
export const report = ({ name, unit, value, floor, p50, p99, aim, note }: Measurement): void => {
  const line = defined({
    name,
    unit,
    value: rounded(value),
    floor: rounded(floor),
    ratio: rounded(floor === undefined ? undefined : value / floor),
    p50: rounded(p50),
    p99: rounded(p99),
    aim,
    note,
  });
  if (process.argv.includes("--json")) {
    console.log(JSON.stringify(line));
    return;
  }
  const beside = line.floor === undefined ? "" : `  floor ${line.floor} ${unit}, ratio ${line.ratio}`;
  const spread = line.p99 === undefined ? "" : `  p50 ${line.p50}, p99 ${line.p99}`;
  const wanted = aim === undefined ? "" : `  aim ${aim} ${unit}`;
  const said = note === undefined ? "" : `  (${note})`;
  console.log(`${name.padEnd(20)} ${String(line.value).padStart(10)} ${unit}${beside}${spread}${wanted}${said}`);
};

/** The value below which the share `quantile` (0–1) of the samples lies. */
export const quantile = (samples: ReadonlyArray<number>, share: number): number => {
  const sorted = [...samples].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

export const median = (samples: ReadonlyArray<number>): number => quantile(samples, 0.5);

/** How long some work takes, in milliseconds. */
export const milliseconds = async (work: () => Promise<unknown> | unknown): Promise<number> => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

/** The duration of each of `count` pieces of work that follow one another, in milliseconds. */
export const eachOf = async (count: number, work: (index: number) => Promise<unknown>): Promise<Array<number>> => {
  const took: Array<number> = [];
  for (let index = 0; index < count; index++) took.push(await milliseconds(() => work(index)));
  return took;
};

/**
 * The duration of each of `count` pieces of work that begin at a steady rate, whether or not earlier ones are done. It
 * is in milliseconds from the moment at which the work should begin.
 */
export const atRate = async (
  count: number,
  perSecond: number,
  work: (index: number) => Promise<unknown>,
): Promise<ReadonlyArray<number>> => {
  const start = performance.now();
  const due = (index: number) => start + (index * 1000) / perSecond;
  const begun: Array<Promise<number>> = [];
  const since = async (index: number) => {
    await work(index);
    return performance.now() - due(index);
  };
  while (begun.length < count) {
    while (begun.length < count && due(begun.length) <= performance.now()) begun.push(since(begun.length));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return Promise.all(begun);
};

/** Waits until the work behind the scenes (views, feed, deliveries) has come to an end. */
export const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_000));

/** Runs `count` pieces of work, `width` at a time. Returns how many were done each second. */
export const throughput = async (
  count: number,
  width: number,
  work: (index: number) => Promise<unknown>,
): Promise<number> => {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  const took = await milliseconds(() => Promise.all(Array.from({ length: width }, lane)));
  return (count / took) * 1000;
};

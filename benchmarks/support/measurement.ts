import { defined } from "../../src/domain/kernel/mod.ts";

/** One line of `cim bench NAME --json`: `ratio` = `value` / `floor`, both measured in this run, in the same unit. */
export interface Measurement {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly floor?: number;
  readonly p50?: number;
  readonly p99?: number;
}

const rounded = (value: number): number => Number(value.toPrecision(4));

/** Prints a measurement: a JSON line with `--json`, else a line for people. */
export const report = ({ name, unit, value, floor, p50, p99 }: Measurement): void => {
  const line = {
    name,
    unit,
    value: rounded(value),
    ...defined({
      floor: floor === undefined ? undefined : rounded(floor),
      ratio: floor === undefined ? undefined : rounded(value / floor),
    }),
    ...defined({ p50: p50 === undefined ? undefined : rounded(p50) }),
    ...defined({ p99: p99 === undefined ? undefined : rounded(p99) }),
  };
  if (process.argv.includes("--json")) {
    console.log(JSON.stringify(line));
    return;
  }
  const beside = line.floor === undefined ? "" : `  floor ${line.floor} ${unit}, ratio ${line.ratio}`;
  const spread = line.p99 === undefined ? "" : `  p50 ${line.p50}, p99 ${line.p99}`;
  console.log(`${name.padEnd(20)} ${String(line.value).padStart(10)} ${unit}${beside}${spread}`);
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

/** How long each of `count` pieces of work takes that follow one another, in milliseconds. */
export const eachOf = async (count: number, work: (index: number) => Promise<unknown>): Promise<Array<number>> => {
  const took: Array<number> = [];
  for (let index = 0; index < count; index++) took.push(await milliseconds(() => work(index)));
  return took;
};

/**
 * How long each of `count` pieces of work takes that begin at a steady rate, whether or not those before are done, in
 * milliseconds from the moment at which it should begin.
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

/** Lets what goes on behind the scenes (views, feed, deliveries) come to an end. */
export const quiet = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_000));

/** Runs `count` pieces of work, `width` at a time; how many a second were done. */
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

import { useEffect, useState } from "react";
import type { DomainFunctions } from "./domain.worker.ts";

type Name = keyof DomainFunctions;
type Given<N extends Name> = Parameters<DomainFunctions[N]>;
type Maybe<T extends ReadonlyArray<unknown>> = { [K in keyof T]: T[K] | undefined };
type Value<N extends Name> = ReturnType<DomainFunctions[N]>;

interface Done {
  readonly id: number;
  readonly value?: unknown;
  readonly failure?: string;
}

let worker: Worker | undefined;
let last = 0;
const waiting = new Map<number, { readonly done: (value: unknown) => void; readonly failed: (error: Error) => void }>();

/** The worker starts when it is first needed. */
const started = (): Worker => {
  if (worker !== undefined) return worker;
  worker = new Worker(new URL("./domain.worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data: { id, value, failure } }: MessageEvent<Done>) => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (failure === undefined) one?.done(value);
    else one?.failed(new Error(failure));
  });
  return worker;
};

/** Has a function of the domain done in the worker. */
export const inWorker = <N extends Name>(name: N, ...given: Given<N>): Promise<Value<N>> =>
  new Promise((done, failed) => {
    last += 1;
    // The worker answers with what the function of this name returns.
    waiting.set(last, { done: done as (value: unknown) => void, failed });
    started().postMessage({ id: last, name, given });
  });

/**
 * What a function of the domain returns for these values: `validate`, `diff`, `findings`, `prospects`. While it is
 * computed again, the value before stays. Undefined values are not asked about. Give values that stay the same while they
 * mean the same.
 */
export const useDomain = <N extends Name>(name: N, ...given: Maybe<Given<N>>): Value<N> | undefined => {
  const [value, setValue] = useState<Value<N>>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the values themselves, not the list of them.
  useEffect(() => {
    if (given.some((one) => one === undefined)) return;
    let ended = false;
    inWorker(name, ...(given as Given<N>)).then(
      (found) => !ended && setValue(() => found),
      () => !ended && setValue(undefined),
    );
    return () => {
      ended = true;
    };
  }, [name, ...given]);
  return value;
};

import { useEffect, useRef, useState } from "react";
import type { DomainFunctions } from "./domain.worker.ts";
import { isDraft, Teller } from "./told-drafts.ts";

type Name = keyof DomainFunctions;
type Given<N extends Name> = Parameters<DomainFunctions[N]>;
type Maybe<T extends ReadonlyArray<unknown>> = { [K in keyof T]: T[K] | undefined };
type Value<N extends Name> = Awaited<ReturnType<DomainFunctions[N]>>;

interface Done {
  readonly id: number;
  readonly value?: unknown;
  readonly failure?: string;
}

let worker: Worker | undefined;
let last = 0;
const teller = new Teller();
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
    const values = given.map((value: unknown) => (isDraft(value) ? { told: teller.tell(value) } : { value }));
    started().postMessage({ id: last, name, given: values });
  });

/** What a function of the domain returned, and for which values. */
interface Answer<N extends Name> {
  readonly given: Given<N>;
  readonly value: Value<N> | undefined;
}

/**
 * What a function of the domain returned last. While one answer is computed, only the newest of the questions that come
 * meanwhile is kept: checking a large graph takes longer than typing a letter.
 */
export const useAnswer = <N extends Name>(name: N, ...given: Maybe<Given<N>>): Answer<N> | undefined => {
  const [answer, setAnswer] = useState<Answer<N>>();
  const before = useRef<Promise<unknown>>(Promise.resolve());
  const isGone = useRef(false);
  useEffect(() => {
    isGone.current = false;
    return () => {
      isGone.current = true;
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the values themselves, not the list of them.
  useEffect(() => {
    if (given.some((one) => one === undefined)) return;
    const wanted = given as Given<N>;
    let isOld = false;
    const ask = async () => {
      if (isOld) return;
      const value = await inWorker(name, ...wanted).catch(() => undefined);
      if (!isGone.current) setAnswer({ given: wanted, value });
    };
    before.current = before.current.then(ask);
    return () => {
      isOld = true;
    };
  }, [name, ...given]);
  return answer;
};

/**
 * What a function of the domain returns for these values: `check`, `diff`, `findings`, `prospects`. While it is computed
 * again, the value before stays. Undefined values are not asked about. Give values that stay the same while they mean the
 * same.
 */
export const useDomain = <N extends Name>(name: N, ...given: Maybe<Given<N>>): Value<N> | undefined =>
  useAnswer(name, ...given)?.value;

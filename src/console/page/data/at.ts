import { createContext, useContext, useMemo } from "react";
import { useSearchParams } from "wouter";
import { defined } from "../../../domain/kernel/mod.ts";

/** A moment of the past: a position of the log, or a time. */
export type At = { readonly position: number } | { readonly time: string };

/** Reads `?at=`; undefined if it is absent or is neither a position nor a moment. */
export const atOf = (text: string | null): At | undefined => {
  if (text === null) return undefined;
  if (/^\d{1,15}$/.test(text)) return { position: Number(text) };
  const moment = Date.parse(text);
  return Number.isNaN(moment) ? undefined : { time: new Date(moment).toISOString() };
};

/** The text of `?at=`. */
export const atText = (at: At): string => ("position" in at ? String(at.position) : at.time);

/** Whether a part of the page shows the present, whatever the address says: what stands beside the past. */
export const IsPresentContext = createContext(false);

/** The moment that the page shows; undefined: now. While it is set, the page is read-only. */
export const useAt = (): At | undefined => {
  const text = useSearchParams()[0].get("at");
  const isPresent = useContext(IsPresentContext);
  return useMemo(() => (isPresent ? undefined : atOf(text)), [text, isPresent]);
};

/** Whether the present stands beside the past that one has travelled to, and what turns it on and off. */
export const useBeside = (): readonly [isBeside: boolean, set: (isBeside: boolean) => void] => {
  const [params, setParams] = useSearchParams();
  const isBeside = params.get("beside") === "now" && atOf(params.get("at")) !== undefined;
  return [
    isBeside,
    (on) =>
      setParams((before) => {
        const { beside: _, ...others } = Object.fromEntries(before);
        return { ...others, ...defined({ beside: on ? "now" : undefined }) };
      }),
  ];
};

/** Travels to a moment, or back to now. The address keeps it, so that one can send it. */
export const useTravel = (): ((at: At | undefined) => void) => {
  const [, setParams] = useSearchParams();
  return (at) =>
    setParams((before) => {
      const { at: _, beside, ...others } = Object.fromEntries(before);
      return at === undefined ? others : { ...others, at: atText(at), ...defined({ beside }) };
    });
};

import { useEffect, useRef } from "react";
import { type Draft, draftOf } from "../../../designer/draft.ts";
import { type Patch, patched, patchOf } from "../../../designer/patch.ts";
import type { Session } from "../../data/session.tsx";

/** What one had not saved: the version that it is against, that version, and the draft. */
export interface KeptDraft {
  readonly version: number;
  readonly base: Draft;
  readonly draft: Draft;
}

const placeOf = ({ prefix, principal }: Session, id: string): string => `cim-draft/${prefix}/${principal}/${id}`;

/** The version that a draft is against is kept once: of ten thousand nodes, each edit would write it again. */
const placeOfBase = (place: string): string => `${place}/base`;

const read = (place: string): Readonly<Record<string, unknown>> => {
  const found: unknown = JSON.parse(localStorage.getItem(place) ?? "{}");
  return { ...(found as object) };
};

/** Returns the draft of a graph that this browser has kept; undefined if there is none, or it cannot be read. */
export const keptDraft = (session: Session, id: string): KeptDraft | undefined => {
  try {
    const place = placeOf(session, id);
    const { version, patch } = read(place);
    const { version: baseVersion, base } = read(placeOfBase(place));
    const before = draftOf(id, base);
    if (typeof version !== "number" || version !== baseVersion || !("draft" in before)) return undefined;
    const after = draftOf(id, patched(before.draft, patch as Patch));
    return "draft" in after ? { version, base: before.draft, draft: after.draft } : undefined;
  } catch {
    return undefined;
  }
};

/** Milliseconds after which a change is kept. */
const soon = 400;

/** Keeps what is not saved in this browser, so that neither a reload nor another page loses it. */
export const useKeepDraft = (session: Session, id: string, kept: KeptDraft | undefined): void => {
  const latest = useRef(kept);
  const keptBase = useRef<Draft>(undefined);
  const write = useRef(() => {});
  useEffect(() => {
    const place = placeOf(session, id);
    write.current = () => {
      const next = latest.current;
      try {
        if (next === undefined) {
          localStorage.removeItem(place);
          localStorage.removeItem(placeOfBase(place));
          keptBase.current = undefined;
          return;
        }
        const { version, base, draft } = next;
        if (keptBase.current !== base) localStorage.setItem(placeOfBase(place), JSON.stringify({ version, base }));
        keptBase.current = base;
        localStorage.setItem(place, JSON.stringify({ version, patch: patchOf(base, draft) }));
      } catch {
        // The browser has no room left: what is not saved lives as long as this page.
      }
    };
    const leave = () => write.current();
    addEventListener("pagehide", leave);
    return () => {
      removeEventListener("pagehide", leave);
      leave();
    };
  }, [session, id]);
  useEffect(() => {
    latest.current = kept;
    const timer = setTimeout(() => write.current(), soon);
    return () => clearTimeout(timer);
  }, [kept]);
};

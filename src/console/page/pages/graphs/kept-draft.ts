import { useEffect } from "react";
import { type Draft, draftOf } from "../../../designer/draft.ts";
import type { Session } from "../../data/session.tsx";

/** What one had not saved: the version that it is against, that version, and the draft. */
export interface KeptDraft {
  readonly version: number;
  readonly base: Draft;
  readonly draft: Draft;
}

const placeOf = ({ prefix, principal }: Session, id: string): string => `cim-draft/${prefix}/${principal}/${id}`;

/** Returns the draft of a graph that this browser has kept; undefined if there is none. */
export const keptDraft = (session: Session, id: string): KeptDraft | undefined => {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(placeOf(session, id)) ?? "null");
    if (typeof found !== "object" || found === null) return undefined;
    const { version, base, draft } = found as Readonly<Record<string, unknown>>;
    const [before, after] = [draftOf(id, base), draftOf(id, draft)];
    return typeof version === "number" && "draft" in before && "draft" in after
      ? { version, base: before.draft, draft: after.draft }
      : undefined;
  } catch {
    return undefined;
  }
};

/** Milliseconds after which a change is kept. */
const soon = 400;

/** Keeps what is not saved in this browser, so that neither a reload nor another page loses it. */
export const useKeepDraft = (session: Session, id: string, kept: KeptDraft | undefined): void => {
  useEffect(() => {
    const place = placeOf(session, id);
    const write = () => {
      try {
        if (kept === undefined) localStorage.removeItem(place);
        else localStorage.setItem(place, JSON.stringify(kept));
      } catch {
        // The browser has no room left: what is not saved lives as long as this page.
      }
    };
    const timer = setTimeout(write, soon);
    return () => {
      clearTimeout(timer);
      write();
    };
  }, [session, id, kept]);
};

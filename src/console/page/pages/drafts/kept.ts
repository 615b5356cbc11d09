import type { Session } from "../../data/session.tsx";

/** A draft that this browser has kept. */
export interface KeptDraft {
  readonly id: string;
  readonly graph: string;
  /** The version that it stands against. */
  readonly version: number;
  /** When it was changed here last. */
  readonly changedAt: string;
  /** Its state, as yjs encodes it. */
  readonly state: Uint8Array;
}

const drafts = <T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const opening = indexedDB.open("cim-drafts", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("drafts");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const request = work(database.transaction("drafts", mode).objectStore("drafts"));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
      request.transaction?.addEventListener("complete", () => database.close());
    };
  });

const placeOf = ({ prefix, principal }: Session, id: string): string => `${prefix}/${principal}/${id}`;

/** Returns a draft that this browser has kept; undefined if it has none of this name. */
export const keptDraft = (session: Session, id: string): Promise<KeptDraft | undefined> =>
  drafts<KeptDraft | undefined>("readonly", (store) => store.get(placeOf(session, id)));

/** Keeps a draft in this browser. */
export const keepDraft = async (session: Session, draft: KeptDraft): Promise<void> => {
  await drafts("readwrite", (store) => store.put(draft, placeOf(session, draft.id)));
};

/** Forgets a draft in this browser. Others who have it keep it. */
export const forgetDraft = async (session: Session, id: string): Promise<void> => {
  await drafts("readwrite", (store) => store.delete(placeOf(session, id)));
};

/** Returns the drafts of the one who acts that this browser has kept, what changed last first. */
export const keptDrafts = async (session: Session): Promise<ReadonlyArray<KeptDraft>> => {
  const place = placeOf(session, "");
  const range = IDBKeyRange.bound(place, `${place}\uffff`);
  const found = await drafts<Array<KeptDraft>>("readonly", (store) => store.getAll(range));
  return found.toSorted((left, right) => (left.changedAt < right.changedAt ? 1 : -1));
};

import { createContext, useContext } from "react";
import type { Key } from "../../../designer/draft.ts";

/** What others have selected in the same draft: their names, by what they are at. */
export type Others = ReadonlyMap<Key, ReadonlyArray<string>>;

/** Whom the views of a draft show besides the one who edits it here. */
export const OthersContext = createContext<Others>(new Map());

/** Returns the names of those who are at something; undefined if nobody is. */
export const useOthersAt = (key: Key): string | undefined => useContext(OthersContext).get(key)?.join(", ");

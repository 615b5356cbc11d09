/** A stand-in. */
export const useNeeds = (_: string): ReadonlyArray<string> => [];

/**
 * After so many milliseconds the kernel has written what was handed to it: Linux writes pages that are dirty for 30 s
 * (`vm.dirty_expire_centisecs`), and looks every 5 s.
 */
const writtenWithin = 60_000;
/** Positions are remembered so many milliseconds apart. */
const apart = 1_000;

/** Tells, of positions that grow with the time at which they were reached, the newest that is on disk by now. */
export const settledBy = (first: number): ((position: number, now: number) => number) => {
  let settled = first;
  let waiting: ReadonlyArray<{ readonly position: number; readonly at: number }> = [];
  return (position, now) => {
    const isWritten = ({ at }: { readonly at: number }) => now - at >= writtenWithin;
    settled = waiting.findLast(isWritten)?.position ?? settled;
    waiting = waiting.filter((one) => !isWritten(one));
    if (now - (waiting.at(-1)?.at ?? Number.NEGATIVE_INFINITY) >= apart) waiting = [...waiting, { position, at: now }];
    return settled;
  };
};

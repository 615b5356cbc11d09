/** How a phase ended: it goes on, or is over, as it should; the deployment failed, was rejected or called off in it. */
export type SpanState = "fine" | "failed" | "called-off";

/** A span of a timeline. */
export interface Span {
  readonly name: string;
  readonly state: SpanState;
  readonly from: number;
  readonly to: number;
}

/** A gap without events that is drawn narrow. */
export interface Fold {
  readonly from: number;
  readonly to: number;
}

/** A time axis on which idle time is folded. */
export interface Scale {
  /** The place of a moment, from 0 to 1. */
  readonly at: (moment: number) => number;
  readonly folds: ReadonlyArray<Fold>;
}

/** Gaps of this many milliseconds are never folded. */
const shortest = 15_000;
/** A gap is folded if it is longer than this share of the time in which something happens. */
const share = 0.35;
/** The width of a fold, as a share of the rest. */
const width = 0.05;

/**
 * Returns the axis for moments at which something happened, in milliseconds. Without folds a night of waiting for a vote
 * would squeeze the minutes of a roll-out to a line.
 */
export const scaleOf = (moments: ReadonlyArray<number>): Scale => {
  const sorted = [...new Set(moments)].sort((one, other) => one - other);
  const [first = 0] = sorted;
  const last = sorted.at(-1) ?? first;
  const gaps = sorted.slice(1).map((to, index) => ({ from: sorted[index] ?? to, to }));
  // Folding the longest gap makes others long against the rest: again, until none is.
  let folds: ReadonlyArray<Fold> = [];
  for (;;) {
    const folded = new Set(folds);
    const open = gaps.filter((gap) => !folded.has(gap));
    const busy = open.reduce((sum, { from, to }) => sum + to - from, 0);
    const longest = open.reduce<Fold | undefined>(
      (known, gap) => (known === undefined || gap.to - gap.from > known.to - known.from ? gap : known),
      undefined,
    );
    if (longest === undefined) break;
    const length = longest.to - longest.from;
    if (length <= shortest || length <= share * busy || open.length < 2) break;
    folds = [...folds, longest];
  }
  const ordered = folds.toSorted((one, other) => one.from - other.from);
  const busy = last - first - ordered.reduce((sum, { from, to }) => sum + to - from, 0);
  const each = Math.max(1, busy * width);
  const length = busy + ordered.length * each;
  const at = (moment: number): number => {
    if (length <= 0) return 0;
    let passed = Math.min(Math.max(moment, first), last) - first;
    for (const { from, to } of ordered) {
      if (moment <= from) break;
      const inside = Math.min(moment, to) - from;
      passed += (inside / (to - from)) * each - inside;
    }
    return passed / length;
  };
  return { at, folds: ordered };
};

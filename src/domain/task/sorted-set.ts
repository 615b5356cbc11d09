/**
 * An immutable set in the order of a comparison. Adding and removing copy only the path to the place, in O(log n). A
 * weight-balanced tree after Adams, "Functional Pearls: Efficient sets" (1993), with the parameters that Hirai and
 * Yamamoto, "Balancing weight-balanced trees" (2011), proved correct.
 */
export type SortedSet<T> = Node<T> | null;

interface Node<T> {
  readonly left: SortedSet<T>;
  readonly value: T;
  readonly right: SortedSet<T>;
  readonly weight: number;
}

/** Returns less than 0 if `one` comes first, and 0 if both are the same. */
export type Comparison<T> = (one: T, other: T) => number;

/** One side may be at most this many times as heavy as the other. */
const delta = 3;
/** The inner side is split if its weight is at least this many times that of the outer side. */
const gamma = 2;

/** Returns the number of values plus one. */
const weightOf = <T>(set: SortedSet<T>): number => set?.weight ?? 1;

const node = <T>(left: SortedSet<T>, value: T, right: SortedSet<T>): Node<T> => ({
  left,
  value,
  right,
  weight: weightOf(left) + weightOf(right),
});

const rotatedLeft = <T>(left: SortedSet<T>, value: T, { left: inner, value: next, right: outer }: Node<T>): Node<T> =>
  inner === null || weightOf(inner) < gamma * weightOf(outer)
    ? node(node(left, value, inner), next, outer)
    : node(node(left, value, inner.left), inner.value, node(inner.right, next, outer));

const rotatedRight = <T>(
  { left: outer, value: next, right: inner }: Node<T>,
  value: T,
  right: SortedSet<T>,
): Node<T> =>
  inner === null || weightOf(inner) < gamma * weightOf(outer)
    ? node(outer, next, node(inner, value, right))
    : node(node(outer, next, inner.left), inner.value, node(inner.right, value, right));

/** Returns a node of two sides, of which one may be too heavy by one value. */
const balanced = <T>(left: SortedSet<T>, value: T, right: SortedSet<T>): Node<T> => {
  if (right !== null && weightOf(right) > delta * weightOf(left)) return rotatedLeft(left, value, right);
  if (left !== null && weightOf(left) > delta * weightOf(right)) return rotatedRight(left, value, right);
  return node(left, value, right);
};

/** Returns the set with a value added; the same set if it has the value. */
export const including = <T>(set: SortedSet<T>, value: T, compare: Comparison<T>): SortedSet<T> => {
  if (set === null) return node(null, value, null);
  const order = compare(value, set.value);
  if (order === 0) return set;
  const side = order < 0 ? set.left : set.right;
  const changed = including(side, value, compare);
  if (changed === side) return set;
  return order < 0 ? balanced(changed, set.value, set.right) : balanced(set.left, set.value, changed);
};

/** Returns the set without a value; the same set if it does not have the value. */
export const excluding = <T>(set: SortedSet<T>, value: T, compare: Comparison<T>): SortedSet<T> => {
  if (set === null) return null;
  const order = compare(value, set.value);
  if (order === 0) return joined(set.left, set.right);
  const side = order < 0 ? set.left : set.right;
  const changed = excluding(side, value, compare);
  if (changed === side) return set;
  return order < 0 ? balanced(changed, set.value, set.right) : balanced(set.left, set.value, changed);
};

const joined = <T>(left: SortedSet<T>, right: SortedSet<T>): SortedSet<T> => {
  if (right === null) return left;
  return left === null ? right : balanced(left, leftmost(right).value, withoutFirst(right));
};

const leftmost = <T>(set: Node<T>): Node<T> => (set.left === null ? set : leftmost(set.left));

const withoutFirst = <T>({ left, value, right }: Node<T>): SortedSet<T> =>
  left === null ? right : balanced(withoutFirst(left), value, right);

/** Returns the first value in the order; undefined for an empty set. */
export const firstOf = <T>(set: SortedSet<T>): T | undefined => (set === null ? undefined : leftmost(set).value);

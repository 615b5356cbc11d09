/** The known topics, word by word. `topic` is set if one ends here. */
interface Words {
  readonly next: Map<string, Words>;
  topic?: string;
}

const empty = (): Words => ({ next: new Map() });

/** Returns the known words that could match the same word. */
const meeting = ({ next }: Words, word: string): ReadonlyArray<Words> =>
  word === "*"
    ? [...next].filter(([known]) => known !== ">").map(([, words]) => words)
    : [next.get(word), next.get("*")].filter((words) => words !== undefined);

/** Returns any topic below. */
const anyTopic = (words: Words): string | undefined => {
  const pending = [...words.next.values()];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (at.topic !== undefined) return at.topic;
    pending.push(...at.next.values());
  }
  return undefined;
};

/** Returns a known topic that has a subject in common with the given one. */
const overlapped = (known: Words, words: ReadonlyArray<string>): string | undefined => {
  const pending: Array<readonly [Words, number]> = [[known, 0]];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const [found, index] = at;
    const word = words[index];
    if (word === undefined) {
      if (found.topic !== undefined) return found.topic;
      continue;
    }
    const rest = word === ">" ? anyTopic(found) : found.next.get(">")?.topic;
    if (rest !== undefined) return rest;
    if (word !== ">") pending.push(...meeting(found, word).map((words) => [words, index + 1] as const));
  }
  return undefined;
};

/**
 * Returns NATS topics, each with an earlier one that has a subject in common with it: `a.*` and `a.b`, `a.>` and
 * `a.*.c`.
 */
export const overlaps = (topics: ReadonlyArray<string>): ReadonlyArray<readonly [string, string]> => {
  const known = empty();
  return topics.flatMap((topic): ReadonlyArray<readonly [string, string]> => {
    const words = topic.split(".");
    const earlier = overlapped(known, words);
    if (earlier !== undefined) return [[topic, earlier]];
    let at = known;
    for (const word of words) {
      const next = at.next.get(word) ?? empty();
      at.next.set(word, next);
      at = next;
    }
    at.topic = topic;
    return [];
  });
};

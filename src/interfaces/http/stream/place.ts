/**
 * How far a tab has come: the sequence of the last entry of each thing that it follows. The text of a place is the `id:`
 * of the stream's frames, so it comes back as `Last-Event-ID`. It begins with the sequence of the feed. The sequences of
 * views follow: documents come from other streams than events, and could not be resumed by a number of the feed.
 */
export type Place = ReadonlyMap<string, number>;

/** Returns the text of a place: `1234`, or `1234,graphs:55` with views. `0,…` if no feed is followed. */
export const placeText = (place: Place): string => {
  const feed = [...place].filter(([name]) => name.startsWith("feed"));
  const others = [...place].filter(([name]) => name !== "feed");
  const first = place.get("feed") ?? Math.max(0, ...feed.map(([, sequence]) => sequence));
  return [first, ...others.map(([name, sequence]) => `${name}:${sequence}`)].join(",");
};

/** Returns the place of a text; undefined if it is not one. A place of another selection says what it can. */
export const placeOf = (text: string): Place | undefined => {
  if (text.length > 8_192 || !/^\d{1,15}(?:,[a-z][A-Za-z0-9_/-]*:\d{1,15})*$/.test(text)) return undefined;
  const [feed = "", ...others] = text.split(",");
  return new Map([
    ["feed", Number(feed)],
    ...others.map((part): [string, number] => {
      const at = part.lastIndexOf(":");
      return [part.slice(0, at), Number(part.slice(at + 1))];
    }),
  ]);
};

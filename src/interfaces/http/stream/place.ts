/**
 * A point in a stream of NATS: the sequence of a message and when it was stored, in milliseconds since 1970.
 *
 * The sequence alone does not name a message for ever. The feed and the buckets of views are written lazily: a
 * nats-server that is killed may lose their last messages, and the backend writes them again. The feed gets the same
 * messages under the same sequences. A bucket gets others: what was lost comes in another order. They are newer, though,
 * than everything that was stored before. So after a point comes what has a higher sequence or a later time.
 */
export interface Point {
  readonly sequence: number;
  readonly time: number;
}

/** Before everything. */
export const origin: Point = { sequence: 0, time: 0 };

/** How far a tab has come, by the name of what it follows. */
export type Place = ReadonlyMap<string, Point>;

const pointText = ({ sequence, time }: Point): string => `${sequence}@${time}`;

/**
 * Returns the text of a place, which is the `id:` of the frames and comes back as `Last-Event-ID`. It begins with the
 * sequence of the feed: `1234@1764494000000,graphs:55@1764494000123`. The points of views follow, because documents come
 * from other streams than events, and could not be resumed by a number of the feed.
 */
export const placeText = (place: Place): string =>
  [
    pointText(place.get("feed") ?? origin),
    ...[...place].filter(([name]) => name !== "feed").map(([name, point]) => `${name}:${pointText(point)}`),
  ].join(",");

const point = String.raw`\d{1,15}@\d{1,15}`;
const form = new RegExp(`^${point}(?:,[a-z][A-Za-z0-9_=/-]*:${point})*$`);
/** The longest text that {@link placeText} can make, nearly: what is longer was not made by it. */
const longest = 8_192;

const pointOf = (text: string): Point => {
  const [sequence = 0, time = 0] = text.split("@").map(Number);
  return { sequence, time };
};

/** Returns the place of a text; undefined if it is not one. */
export const placeOf = (text: string): Place | undefined => {
  if (text.length > longest || !form.test(text)) return undefined;
  const [feed = "", ...others] = text.split(",");
  return new Map([
    ["feed", pointOf(feed)],
    ...others.map((part): [string, Point] => {
      const [name = "", at = ""] = part.split(":");
      return [name, pointOf(at)];
    }),
  ]);
};

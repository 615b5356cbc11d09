import { backoff, pause } from "../../../agents/kit/waiting.ts";
import { frame, withId } from "./frames.ts";
import type { LiveStream } from "./live-stream.ts";
import type { LiveStreams } from "./live-streams.ts";
import { Outbox, type Sink } from "./outbox.ts";
import { origin, type Place, type Point, placeText } from "./place.ts";
import type { Selected, Selection } from "./selection.ts";

/** Milliseconds between two signs of life. */
const heartbeat = 10_000;
/** Milliseconds after which a browser comes back when the connection is lost. */
const retry = 1_000;

export interface TabOptions {
  readonly streams: LiveStreams;
  /** For whom the stream is read. */
  readonly principal: string;
  readonly selection: Selection;
  /** The place that the tab reached before; undefined for a tab that begins. */
  readonly from: Place | undefined;
  readonly sink: Sink;
  /** Aborts when the connection or the session ends. */
  readonly signal: AbortSignal;
  readonly onCut: () => void;
}

/** Matches the subjects of one selection. */
const covers = (subject: string): ((other: string) => boolean) =>
  subject.endsWith(">") ? (other) => other.startsWith(subject.slice(0, -1)) : (other) => other === subject;

/**
 * Sends one tab what it follows, as server-sent events, until `signal` aborts.
 *
 * Each thing that is followed comes in its own order, and no two of them are ordered against each other. Every frame
 * has the whole place as its id. So the place of a frame is reached exactly when the frame was received, and a tab that
 * comes back with it has no gap and nothing twice.
 */
export const serveTab = async (options: TabOptions): Promise<void> => {
  const { streams, principal, selection, from, signal, sink } = options;
  const outbox = new Outbox(sink, options.onCut);
  const place = new Map<string, Point>();
  /** Without an id until the place is known: an id would take the place of the one that the browser has. */
  const send = (text: string) => outbox.send(place.size === 0 ? text : withId(placeText(place), text));

  const opened = selection.followed.map((selected) => ({ selected, stream: streams.take(selected) }));
  const alive = setInterval(() => {
    outbox.check();
    send(frame("alive", JSON.stringify({ time: new Date().toISOString(), connected: streams.connected })));
  }, heartbeat);
  // Without an id: what is heard is at no place, and does not come again.
  const unhear = streams.hear(selection.heard, (text) => outbox.send(text));
  outbox.send(`retry: ${retry}\n\n`);
  try {
    await Promise.race([Promise.all(opened.map(({ stream }) => stream.ready)), aborted(signal)]);
    if (signal.aborted) return;
    for (const { selected, stream } of opened) place.set(selected.name, beginning(selected, stream, from));
    const follow = [...selection.followed, ...selection.heard].map(({ name }) => name);
    send(frame("open", JSON.stringify({ principal, follow })));
    let behind = opened.length;
    const onCurrent = () => {
      behind -= 1;
      if (behind <= 0) send(frame("current", "{}"));
    };
    if (behind === 0) {
      onCurrent();
      await aborted(signal);
    }
    await Promise.all(
      opened.map(({ selected, stream }) => followOne({ selected, stream, place, send, outbox, signal, onCurrent })),
    );
  } finally {
    clearInterval(alive);
    unhear();
    for (const { selected } of opened) streams.release(selected);
  }
};

/** Where a thing goes on: where the tab was; else a view from its start, and the feed from now. */
const beginning = ({ name, view }: Selected, stream: LiveStream, from: Place | undefined): Point =>
  from?.get(name) ?? (view === undefined ? stream.seen : origin);

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

interface Following {
  readonly selected: Selected;
  readonly stream: LiveStream;
  readonly place: Map<string, Point>;
  readonly send: (text: string) => void;
  readonly outbox: Outbox;
  readonly signal: AbortSignal;
  /** Called once, when the tab has everything that there is. */
  readonly onCurrent: () => void;
}

/** Sends one thing until `signal` aborts. Begins again if its stream becomes another one. */
const followOne = async (following: Following): Promise<void> => {
  const { selected, stream, place, send, signal, onCurrent } = following;
  for (let first = true; !signal.aborted; first = false) {
    if (!first || !stream.has(reached(following))) {
      place.set(selected.name, selected.view === undefined ? stream.seen : origin);
      send(frame("reset", JSON.stringify({ follow: selected.name })));
    }
    await catchUp(following);
    if (signal.aborted) return;
    const end = joined(following);
    if (first) onCurrent();
    await end;
  }
};

const reached = ({ place, selected }: Following): Point => place.get(selected.name) ?? origin;

/** Sends what the tab does not have yet. */
const catchUp = async (following: Following): Promise<void> => {
  const { selected, stream, place, send, outbox, signal } = following;
  for (let failures = 0; !signal.aborted && stream.isAfter(stream.seen, reached(following)); ) {
    const target = stream.seen;
    try {
      for await (const { point, frame: text } of stream.after(reached(following), selected.subject, signal)) {
        await outbox.room();
        if (signal.aborted) return;
        place.set(selected.name, point);
        send(text);
        failures = 0;
      }
      if (!signal.aborted) place.set(selected.name, target);
    } catch {
      // The connection is down, or the server is: what was sent counts, and the rest is read again.
      failures += 1;
      await pause(backoff(failures), signal);
    }
  }
};

/** Takes part in the live end of the stream. Resolves when `signal` aborts or the stream becomes another one. */
const joined = (following: Following): Promise<void> =>
  new Promise((resolve) => {
    const { selected, stream, place, send, signal } = following;
    const isOurs = covers(selected.subject);
    const end = () => {
      leave();
      resolve();
    };
    const leave = stream.join({
      entry: ({ point, subject, frame: text }) => {
        if (!stream.isAfter(point, reached(following))) return;
        place.set(selected.name, point);
        if (isOurs(subject)) send(text);
      },
      reset: end,
    });
    signal.addEventListener("abort", end, { once: true });
  });

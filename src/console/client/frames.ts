import type { ViewName } from "../../contract/views/mod.ts";

/**
 * That something happened, and to what: an event of the feed without its data. A tab keeps hundreds of them and passes
 * each on to all others, and one that imports a large graph has megabytes. Whoever needs the data asks for it.
 */
export interface FeedEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly actor: string;
  /** The number of the message in the feed. */
  readonly feedsequence: number;
  /** The position of its commit in the log: an answer that has seen it is not older than the event. */
  readonly position: number;
}

/** What programs of a deployment's step have printed. To be believed of the agent that has the task only. */
export interface Output {
  readonly deployment: string;
  readonly agent: string;
  readonly host: string;
  readonly step: string;
  readonly lines: ReadonlyArray<string>;
}

/** What another page that has a draft open says: `docs/contract.md` says what the kinds mean. */
export interface DraftTalk {
  readonly draft: string;
  /** Who says it. */
  readonly principal: string;
  readonly page: string;
  readonly kind: "ask" | "update" | "presence" | "leave" | "arranged";
  readonly data: string;
}

const draftKinds = ["ask", "update", "presence", "leave", "arranged"] as const;

/** A frame of the event stream. `docs/console.md` says what each means. */
export type Frame =
  | {
      readonly kind: "open";
      readonly place: string;
      readonly follow: ReadonlyArray<string>;
      /** Who is logged in; undefined of an older server. */
      readonly principal?: string | undefined;
    }
  | {
      readonly kind: "document";
      readonly place: string;
      readonly view: ViewName;
      readonly id: string;
      /** Undefined: it was removed. */
      readonly document: unknown;
    }
  | { readonly kind: "event"; readonly place: string; readonly event: FeedEvent }
  | { readonly kind: "current"; readonly place: string }
  | { readonly kind: "reset"; readonly place: string; readonly follow: string }
  | { readonly kind: "alive"; readonly connected: boolean }
  | { readonly kind: "output"; readonly output: Output }
  | { readonly kind: "draft"; readonly talk: DraftTalk };

/** The `event:` names of all frames. */
export const frameKinds = ["open", "document", "event", "current", "reset", "alive", "output", "draft"] as const;

type Data = Readonly<Record<string, unknown>>;

const isData = (value: unknown): value is Data => typeof value === "object" && value !== null && !Array.isArray(value);

const dataOf = (text: string): Data | undefined => {
  try {
    const data: unknown = JSON.parse(text);
    return isData(data) ? data : undefined;
  } catch {
    return undefined;
  }
};

const eventOf = ({ id, type, subject, time, actor, feedsequence, sequence }: Data): FeedEvent | undefined => {
  if ([id, type, subject, time, actor].some((one) => typeof one !== "string") || typeof feedsequence !== "number")
    return undefined;
  return {
    id: String(id),
    type: String(type),
    subject: String(subject),
    time: String(time),
    actor: String(actor),
    feedsequence,
    position: Number(sequence) || 0,
  };
};

/**
 * Returns the frame of an event of an `EventSource`; undefined if it is not one that this page knows. A damaged document
 * costs that document, not the stream.
 */
export const frameOf = (name: string, place: string, text: string): Frame | undefined => {
  const data = dataOf(text);
  if (data === undefined) return undefined;
  switch (name) {
    case "open": {
      if (!Array.isArray(data.follow)) return undefined;
      const principal = typeof data.principal === "string" ? data.principal : undefined;
      return { kind: "open", place, follow: data.follow.map(String), principal };
    }
    case "document": {
      const { view, id, document } = data;
      if (typeof view !== "string" || typeof id !== "string") return undefined;
      return { kind: "document", place, view: view as ViewName, id, document: document ?? undefined };
    }
    case "event": {
      const event = eventOf(data);
      return event && { kind: "event", place, event };
    }
    case "current":
      return { kind: "current", place };
    case "reset":
      return typeof data.follow === "string" ? { kind: "reset", place, follow: data.follow } : undefined;
    case "output": {
      const { deployment, agent, host, step, lines } = data;
      if ([deployment, agent, host, step].some((one) => typeof one !== "string") || !Array.isArray(lines))
        return undefined;
      const [named, speaker] = [String(deployment), String(agent)];
      const output = {
        deployment: named,
        agent: speaker,
        host: String(host),
        step: String(step),
        lines: lines.map(String),
      };
      return { kind: "output", output };
    }
    case "draft": {
      const { draft, principal, page, kind, data: said } = data;
      const known = draftKinds.find((one) => one === kind);
      if (known === undefined || [draft, principal, page, said].some((one) => typeof one !== "string"))
        return undefined;
      const talk = {
        draft: String(draft),
        principal: String(principal),
        page: String(page),
        kind: known,
        data: String(said),
      };
      return { kind: "draft", talk };
    }
    case "alive":
      return { kind: "alive", connected: data.connected === true };
    default:
      return undefined;
  }
};

/** Things that the server lets one stream follow. */
export const mostFollowed = 64;
/** Characters of their names. They are in the address of the stream, and with the place that it has reached once more. */
const longestFollowed = 3_000;

/** Returns whether one stream cannot follow so much. */
const isTooMuch = (names: ReadonlyArray<string>): boolean =>
  names.length > mostFollowed || names.join(",").length > longestFollowed;

/** What is followed by its parts, and is not a view. */
const notViews = ["feed", "output", "drafts"];

/** The view of which most documents are followed one by one; undefined if there is none with two. */
const mostNamed = (names: ReadonlyArray<string>): string | undefined => {
  const counts = new Map<string, number>();
  for (const name of names) {
    const [view = "", id] = name.split("/");
    if (id !== undefined && !notViews.includes(view)) counts.set(view, (counts.get(view) ?? 0) + 1);
  }
  const [view, count = 0] = [...counts].toSorted(([, one], [, other]) => other - one)[0] ?? [];
  return count > 1 ? view : undefined;
};

/**
 * Returns what has to be followed for everything that is wanted, in order: each once, and no part of a whole that is
 * followed too. If many tabs want more than one stream can follow, they get whole views instead of single documents: the
 * server would refuse the stream, and no tab would be live.
 */
export const unionOf = (wanted: Iterable<string>): ReadonlyArray<string> => {
  const all = new Set(wanted);
  const names = [...all].filter((name) => !name.includes("/") || !all.has(name.slice(0, name.indexOf("/")))).sort();
  const view = isTooMuch(names) ? mostNamed(names) : undefined;
  return view === undefined ? names : unionOf([...names, view]);
};

/** Returns whether the documents of a view, or one of them, are covered by what is followed. */
export const covers = (follow: ReadonlySet<string>, view: string, id: string): boolean =>
  follow.has(view) || follow.has(`${view}/${id}`);

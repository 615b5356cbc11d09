import type { ViewName } from "../../contract/views/mod.ts";

/** An event of the feed as it comes over the stream: CloudEvents 1.0 in JSON. */
export interface FeedEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly actor: string;
  /** The number of the message in the feed. */
  readonly feedsequence: number;
  readonly data: unknown;
  readonly [attribute: string]: unknown;
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
  readonly kind: "ask" | "update" | "presence" | "leave";
  readonly data: string;
}

const draftKinds = ["ask", "update", "presence", "leave"] as const;

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

const isEvent = (data: Data): data is FeedEvent =>
  ["id", "type", "subject", "time", "actor"].every((name) => typeof data[name] === "string") &&
  typeof data.feedsequence === "number";

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
    case "event":
      return isEvent(data) ? { kind: "event", place, event: data } : undefined;
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

/**
 * Returns what has to be followed for everything that is wanted, in order: each once, and no part of a whole that is
 * followed too.
 */
export const unionOf = (wanted: Iterable<string>): ReadonlyArray<string> => {
  const all = new Set(wanted);
  return [...all].filter((name) => !name.includes("/") || !all.has(name.slice(0, name.indexOf("/")))).sort();
};

/** Returns whether the documents of a view, or one of them, are covered by what is followed. */
export const covers = (follow: ReadonlySet<string>, view: string, id: string): boolean =>
  follow.has(view) || follow.has(`${view}/${id}`);

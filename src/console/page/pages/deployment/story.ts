import type { AnswerOf, DocumentOf } from "../../../../contract/views/mod.ts";
import { deploymentEvents } from "../../../../domain/deployment/contract.ts";
import { isOver, statusAfter } from "../../../../domain/deployment/lifecycle.ts";
import type { Span, SpanState } from "./timeline-scale.ts";

type Event = Pick<AnswerOf<"audit", "trail">["items"][number], "type" | "time" | "data">;
type EventType = keyof typeof deploymentEvents;

const isKnown = (type: string): type is EventType => Object.hasOwn(deploymentEvents, type);

/** What each phase is called on the timeline. */
const names: Readonly<Record<string, string>> = {
  requested: "design",
  discussing: "discuss",
  voting: "agree",
  generating: "generate",
  waiting: "wait",
  deploying: "deploy",
  monitoring: "monitor",
  "rolling-back": "roll back",
};

const field = (data: unknown, name: string): unknown =>
  typeof data === "object" && data !== null ? Reflect.get(data, name) : undefined;

/** How an event leaves the phase that it ends. A way back that somebody asked for is not a failure of what ran. */
const stateAfter = (type: string, data: unknown): SpanState => {
  switch (type) {
    case "deployment-failed":
    case "deployment-rejected":
    case "rollback-incomplete":
      return "failed";
    case "rollback-started":
      return field(data, "by") === undefined ? "failed" : "called-off";
    case "deployment-cancelled":
      return "called-off";
    default:
      return "fine";
  }
};

/** Returns the phases of a deployment as they came, each round of the vote for itself. `now` ends the one that goes on. */
export const spansOf = (events: ReadonlyArray<Event>, now: number): ReadonlyArray<Span> => {
  const spans: Array<Span> = [];
  let open: { readonly name: string; readonly from: number } | undefined;
  let round = 1;
  const turn = (name: string | undefined, at: number, state: SpanState = "fine") => {
    if (open !== undefined) spans.push({ ...open, to: at, state });
    open = name === undefined ? undefined : { name, from: at };
  };
  for (const { type, time, data } of events) {
    const at = Date.parse(time);
    const status = isKnown(type) ? statusAfter(type) : undefined;
    if (type === "revision-amended" && field(data, "pins") === undefined) {
      round += 1;
      turn(`agree ${round}`, at);
    } else if (status !== undefined)
      turn(isOver(status) ? undefined : (names[status] ?? status), at, stateAfter(type, data));
  }
  if (open !== undefined) turn(undefined, Math.max(now, open.from));
  return round === 1 ? spans : spans.map((span) => (span.name === "agree" ? { ...span, name: "agree 1" } : span));
};

/** The tasks that a deployment gave to deployers, in order: the roll-out, then each attempt at the way back. */
export const tasksOf = (
  events: ReadonlyArray<Event>,
): ReadonlyArray<{ readonly task: string; readonly name: string }> =>
  events.flatMap(({ type, data }) => {
    const task = field(data, "task");
    if (typeof task !== "string") return [];
    if (type === "deploying-started") return [{ task, name: "roll-out" }];
    return type === "rollback-started" ? [{ task, name: `way back ${String(field(data, "attempt") ?? "")}` }] : [];
  });

/** What became of an input that neither the graph nor the installation had pinned when the deployment was requested. */
export interface OpenInput {
  readonly name: string;
  /** What it was pinned to, or what it named. */
  readonly reference: string | undefined;
  readonly state: "pinned" | "unpinned" | "being-pinned" | "not-pinned";
}

/** Returns the inputs that were open, by name: pinned before the review, left open as the request says, or under way. */
export const openInputsOf = (
  { pins = {}, unpinned = [], status }: Pick<DocumentOf<"deployments">, "pins" | "unpinned" | "status">,
  events: ReadonlyArray<Pick<Event, "type" | "data">>,
): ReadonlyArray<OpenInput> => {
  const asked = field(events.find(({ type }) => type === "requested")?.data, "toPin");
  const toPin = typeof asked === "object" && asked !== null ? asked : {};
  const names = new Set([...Object.keys(toPin), ...Object.keys(pins), ...unpinned]);
  return [...names].toSorted().map((name): OpenInput => {
    if (pins[name] !== undefined) return { name, reference: pins[name], state: "pinned" };
    if (unpinned.includes(name)) return { name, reference: undefined, state: "unpinned" };
    const reference = field(toPin, name);
    const state = isOver(status) ? "not-pinned" : "being-pinned";
    return { name, reference: typeof reference === "string" ? reference : undefined, state };
  });
};

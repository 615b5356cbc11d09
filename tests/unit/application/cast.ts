import { Effect, Result, Schema } from "effect";
import { Waves } from "../../../src/domain/deployment/waves.ts";
import type { Behaviour, Leaf, Payload } from "./leaf.ts";

/** Agents as simple as can be, that do what a test wants them to. */

const Request = Schema.Struct({
  kind: Schema.Literal("review-request"),
  deployment: Schema.String,
  graphDigest: Schema.String,
});
const Turn = Schema.Struct({
  kind: Schema.Literal("said"),
  dialog: Schema.Struct({ id: Schema.String }),
  data: Request,
});
const Vote = Schema.Struct({
  kind: Schema.Literals(["voting-opened", "round-opened"]),
  proposal: Schema.Struct({ id: Schema.String, round: Schema.optionalKey(Schema.Int) }),
});
const isTurn = Schema.is(Turn);
const isVote = Schema.is(Vote);

const Assigned = Schema.Struct({
  kind: Schema.Literal("assigned"),
  task: Schema.Struct({ id: Schema.String, type: Schema.String, payload: Schema.Json }),
});
const isAssigned = Schema.is(Assigned);
const DeployPayload = Schema.Struct({ waves: Waves });
const RollBackPayload = Schema.Struct({
  hosts: Schema.Array(Schema.Struct({ host: Schema.String, previous: Schema.String })),
});
const PinPayload = Schema.Struct({ inputs: Schema.Record(Schema.String, Schema.String) });
const MonitorPayload = Schema.Struct({
  hosts: Schema.Array(Schema.Struct({ host: Schema.String, closure: Schema.String })),
});

/** Reviews what it is asked to review, and votes; `later` is what it votes from the second round on. */
export const reviewer =
  ({
    findings = [],
    vote = { choice: "approve" },
    later = { choice: "approve" },
    silent = false,
  }: {
    readonly findings?: ReadonlyArray<Payload>;
    readonly vote?: Payload | null;
    readonly later?: Payload | null;
    readonly silent?: boolean;
  } = {}): Behaviour =>
  (leaf, self, { message }) => {
    if (isTurn(message) && !silent) {
      const { deployment, graphDigest: revision } = message.data;
      const data = { kind: "review", deployment, findings };
      return Effect.asVoid(
        Effect.all([
          leaf.give(self, "deployment", deployment, "review", { revision, findings }),
          leaf.give(self, "dialog", message.dialog.id, "say", { text: "my review", to: "deployment-workflow", data }),
        ]),
      );
    }
    if (!isVote(message)) return Effect.void;
    const { id, round = 1 } = message.proposal;
    const ballot = round === 1 ? vote : later;
    return ballot === null ? Effect.void : Effect.asVoid(leaf.give(self, "proposal", id, "vote", ballot));
  };

/** What goes otherwise than it should on the hosts. */
export interface Trouble {
  /** The step before which the deployer says that it has failed. */
  readonly failsAt?: { readonly host: string; readonly step: string };
  /** The step after which it does nothing any more. */
  readonly hangsAfter?: { readonly host: string; readonly step: string };
  readonly hangsAtOnce?: boolean;
  /** What it says inputs are; by default each one by a hash. */
  readonly pins?: Payload;
  /** Hosts that cannot be rolled back. */
  readonly unreachable?: ReadonlyArray<string>;
}

/** What the hosts of a test run. */
export type Hosts = Map<string, string>;

const steps = ["recorded", "built", "copied", "activated", "healthy", "confirmed"];

const isAt = (place: Trouble["failsAt"], host: string, step: string) => place?.host === host && place.step === step;

const deploy = Effect.fnUntraced(function* (
  leaf: Leaf,
  self: string,
  task: { readonly id: string; readonly payload: Schema.Json },
  hosts: Hosts,
  trouble: Trouble,
) {
  const { waves } = yield* Effect.orDie(Schema.decodeUnknownEffect(DeployPayload)(task.payload));
  for (const { host } of waves.flat()) {
    const previous = hosts.get(host) ?? "/nix/store/first";
    const closure = `/nix/store/${task.id}-${host}`;
    for (const step of steps) {
      if (isAt(trouble.failsAt, host, step)) {
        const data = { host, step, detail: "it does not want to" };
        yield* leaf.give(self, "task", task.id, "fail", { reason: "check-failed", data });
        return;
      }
      if (step === "activated") hosts.set(host, closure);
      const data = { host, step, ...(step === "recorded" ? { previous } : { closure }) };
      const reported = yield* leaf.give(self, "task", task.id, "report-progress", { data });
      if (Result.isFailure(reported)) return;
      if (isAt(trouble.hangsAfter, host, step)) return;
    }
  }
  yield* leaf.give(self, "task", task.id, "complete");
});

const rollBack = Effect.fnUntraced(function* (
  leaf: Leaf,
  self: string,
  task: { readonly id: string; readonly payload: Schema.Json },
  running: Hosts,
  trouble: Trouble,
) {
  const { hosts } = yield* Effect.orDie(Schema.decodeUnknownEffect(RollBackPayload)(task.payload));
  const unreachable = hosts.filter(({ host }) => trouble.unreachable?.includes(host)).map(({ host }) => host);
  const reverted = hosts.filter(({ host }) => !unreachable.includes(host));
  for (const { host, previous } of reverted) {
    running.set(host, previous);
    const data = { host, step: "reverted", closure: previous };
    yield* leaf.give(self, "task", task.id, "report-progress", { data });
  }
  for (const host of unreachable)
    yield* leaf.give(self, "task", task.id, "report-progress", { data: { host, step: "unreachable" } });
  const result = { reverted: reverted.map(({ host }) => host), unreachable };
  yield* leaf.give(self, "task", task.id, "complete", { result });
});

/** Says what the inputs of a graph mean. */
const pin = (
  leaf: Leaf,
  self: string,
  task: { readonly id: string; readonly payload: Schema.Json },
  pins?: Payload,
) => {
  const { inputs } = Schema.decodeUnknownSync(PinPayload)(task.payload);
  const found = Object.entries(inputs).map(([name, reference]) => [name, `${reference}?narHash=sha256-x`]);
  return leaf.give(self, "task", task.id, "complete", { result: { pins: pins ?? Object.fromEntries(found) } });
};

/** Deploys, rolls back and pins on hosts in memory. */
export const deployer =
  (hosts: Hosts, trouble: Trouble = {}): Behaviour =>
  (leaf, self, { message }) =>
    Effect.gen(function* () {
      if (!isAssigned(message) || trouble.hangsAtOnce === true) return;
      const { task } = message;
      yield* leaf.give(self, "task", task.id, "acknowledge");
      yield* leaf.give(self, "task", task.id, "start");
      if (task.type === "pin") yield* pin(leaf, self, task, trouble.pins);
      else yield* (task.type === "deploy" ? deploy : rollBack)(leaf, self, task, hosts, trouble);
    });

/** Watches hosts; fails, or never ends, where the test wants that. The watch that follows on a deployment never ends. */
export const monitor =
  (hosts: Hosts, ends: "well" | "unhealthy" | "never" = "well"): Behaviour =>
  (leaf, self, { message }) =>
    Effect.gen(function* () {
      if (!isAssigned(message)) return;
      const { id, type, payload } = message.task;
      const watched = yield* Effect.orDie(Schema.decodeUnknownEffect(MonitorPayload)(payload));
      yield* leaf.give(self, "task", id, "acknowledge");
      yield* leaf.give(self, "task", id, "start");
      if (type === "watch") return;
      const drifted = watched.hosts.find(({ host, closure }) => hosts.get(host) !== closure);
      if (drifted !== undefined || ends === "unhealthy")
        yield* leaf.give(self, "task", id, "fail", {
          reason: drifted === undefined ? "unhealthy" : "drift",
          data: { host: watched.hosts[0]?.host ?? "", detail: "seen" },
        });
      else if (ends === "well") yield* leaf.give(self, "task", id, "complete");
    });

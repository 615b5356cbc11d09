import type { LogHealth } from "../../../contract/views/audit.ts";
import type { AnswerOf, DocumentOf } from "../../../contract/views/mod.ts";
import { roleFor } from "../../../domain/agent/capability.ts";
import { defined, type Role } from "../../../domain/kernel/mod.ts";

type Dialog = DocumentOf<"dialogs">;
type Deployment = DocumentOf<"deployments">;
type Agent = DocumentOf<"agents">;
type Waiting = AnswerOf<"tasks", "queue">["items"][number];
type Review = NonNullable<LogHealth["openReviews"]>[number];

/** One thing that waits for the person. `until`: when it is too late. */
export type Need = { readonly key: string; readonly since?: string; readonly until?: string } & (
  | { readonly kind: "vote"; readonly proposal: DocumentOf<"proposals"> }
  | { readonly kind: "word"; readonly dialog: Dialog }
  | { readonly kind: "turn"; readonly dialog: Dialog; readonly turn: number; readonly isAwaited: boolean }
  | { readonly kind: "review"; readonly review: Review }
  | { readonly kind: "drift"; readonly host: DocumentOf<"hosts"> }
  | { readonly kind: "task"; readonly id: string; readonly type: string; readonly waitsFor: string }
  | { readonly kind: "failed"; readonly deployment: Deployment }
  | { readonly kind: "grants"; readonly agent: Agent; readonly grants: Grants }
  | { readonly kind: "parked"; readonly step: DocumentOf<"parked"> }
);

/** What there is, and for whom it may wait. */
export interface Open {
  readonly principal: string;
  readonly roles: ReadonlyArray<Role>;
  readonly proposals: ReadonlyArray<DocumentOf<"proposals">>;
  readonly dialogs: ReadonlyArray<Dialog>;
  readonly reviews: ReadonlyArray<Review>;
  readonly hosts: ReadonlyArray<DocumentOf<"hosts">>;
  readonly queue: ReadonlyArray<Waiting>;
  /** The newest first. */
  readonly deployments: ReadonlyArray<Deployment>;
  readonly agents: ReadonlyArray<Agent>;
  readonly parked: ReadonlyArray<DocumentOf<"parked">>;
  /** The keys of those that the person has put aside in this browser. */
  readonly seen: ReadonlyArray<string>;
}

const votesOf = ({ principal, proposals }: Open): ReadonlyArray<Need> =>
  proposals
    .filter(
      ({ electorate, ballots }) =>
        electorate.some(({ id, weight }) => id === principal && weight > 0) &&
        !ballots.some(({ voter }) => voter === principal),
    )
    .map((proposal) => {
      const { id, submittedAt: since, deadline: until } = proposal;
      return { kind: "vote", key: `vote ${id}`, since, ...defined({ until }), proposal };
    });

/**
 * The turns of a dialog that a person should answer: those that the system awaits an answer to, and the newest that was
 * said to them alone. An answer to what they have asked is not a question.
 */
const turnsOf = (dialog: Dialog, principal: string): ReadonlyArray<Need> => {
  const { id, awaited, turns } = dialog;
  const own = awaited.filter(({ asked }) => asked.at(-1) === principal);
  const spoken = turns.findLast(({ speaker }) => speaker === principal)?.turn ?? 0;
  const asked = turns.findLast(
    ({ turn, speaker, recipients, answers }) =>
      turn > spoken &&
      speaker !== principal &&
      answers === undefined &&
      recipients.length === 1 &&
      recipients[0] === principal &&
      !own.some((one) => one.turn === turn),
  );
  return [
    ...own.map(({ turn, answerBy }): Need => {
      const since = turns.find((one) => one.turn === turn)?.at ?? dialog.updatedAt;
      return { kind: "turn", key: `turn ${id} ${turn}`, since, until: answerBy, dialog, turn, isAwaited: true };
    }),
    ...(asked === undefined
      ? []
      : [
          {
            kind: "turn" as const,
            key: `turn ${id} ${asked.turn}`,
            since: asked.at,
            dialog,
            turn: asked.turn,
            isAwaited: false,
          },
        ]),
  ];
};

const talkOf = ({ principal, dialogs }: Open): ReadonlyArray<Need> =>
  dialogs.flatMap((dialog): ReadonlyArray<Need> => {
    const { id, handOff, updatedAt: since } = dialog;
    const turns = turnsOf(dialog, principal);
    return handOff?.to === principal ? [{ kind: "word", key: `word ${id}`, since, dialog }, ...turns] : turns;
  });

const wrong: ReadonlyArray<Deployment["status"]> = ["failed", "rolled-back", "rollback-incomplete"];

/**
 * The deployments that went wrong and that nobody has gone on from: the newest of each graph, and each whose hosts could
 * not be put back.
 */
const failuresOf = ({ deployments }: Open): ReadonlyArray<Need> => {
  const newest = new Map<string, Deployment>();
  for (const one of deployments.filter(({ status }) => status !== "cancelled")) {
    const known = newest.get(one.graph);
    if (known === undefined || known.requestedAt < one.requestedAt) newest.set(one.graph, one);
  }
  return deployments
    .filter(
      (one) =>
        wrong.includes(one.status) && (one.status === "rollback-incomplete" || newest.get(one.graph)?.id === one.id),
    )
    .map((deployment) => ({
      kind: "failed",
      key: `failed ${deployment.id}`,
      since: deployment.endedAt ?? deployment.updatedAt,
      deployment,
    }));
};

/** Reviews of broken glasses: somebody else than who broke it closes one. */
const reviewsOf = ({ principal, reviews }: Open): ReadonlyArray<Need> =>
  reviews
    .filter(({ by }) => by !== principal)
    .map((review) => ({ kind: "review", key: `review ${review.deployment}`, since: review.at, review }));

const driftsOf = ({ hosts }: Open): ReadonlyArray<Need> =>
  hosts
    .filter(({ drifts }) => drifts.length > 0)
    .map((host) => ({ kind: "drift", key: `drift ${host.id}`, since: host.drifts[0]?.since ?? "", host }));

const tasksOf = ({ queue }: Open): ReadonlyArray<Need> =>
  queue
    .filter(({ waitsFor }) => !waitsFor.startsWith("will be given"))
    .map(({ id, type, waitsFor, since }) => ({ kind: "task", key: `task ${id}`, since, id, type, waitsFor }));

/** What an agent asks for: roles, and capabilities that the installation guards. */
export interface Grants {
  readonly roles: ReadonlyArray<Role>;
  readonly capabilities: ReadonlyArray<string>;
}

const grantsFor = (askedFor: ReadonlyArray<string>): Grants => ({
  roles: [...new Set(askedFor.flatMap((capability) => roleFor(capability) ?? []))],
  capabilities: askedFor.filter((capability) => roleFor(capability) === undefined),
});

/** What agents ask for and only an admin can give. */
const askedOf = ({ agents, roles: own }: Open): ReadonlyArray<Need> =>
  own.includes("admin")
    ? agents.flatMap((agent): ReadonlyArray<Need> => {
        const { id, registered, askedFor = [], registeredAt: since } = agent;
        if (!registered || askedFor.length === 0) return [];
        return [{ kind: "grants", key: `grants ${id}`, since, agent, grants: grantsFor(askedFor) }];
      })
    : [];

/** Returns everything that waits for the person, what ends first above, then what has waited longest. */
export const needsOf = (open: Open): ReadonlyArray<Need> => {
  const all = [
    ...votesOf(open),
    ...talkOf(open),
    ...reviewsOf(open),
    ...failuresOf(open),
    ...driftsOf(open),
    ...tasksOf(open),
    ...askedOf(open),
    ...open.parked.map((step) => ({ kind: "parked", key: `parked ${step.id}`, since: step.since, step }) as const),
  ];
  const order = ({ until = "~", since = "" }: Need): string => `${until} ${since}`;
  return all
    .filter(({ key }) => !open.seen.includes(key))
    .toSorted((one, other) => (order(one) < order(other) ? -1 : 1));
};

import { useMemo } from "react";
import type { DocumentOf, ItemOf, ViewName } from "../../../contract/views/mod.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { useKept } from "./kept.ts";
import { useQuery } from "./query.ts";

/** One thing that waits for the person. `until`: when it is too late. */
export type Need = { readonly key: string; readonly since?: string; readonly until?: string } & (
  | { readonly kind: "vote"; readonly proposal: DocumentOf<"proposals"> }
  | { readonly kind: "word"; readonly dialog: DocumentOf<"dialogs"> }
  | { readonly kind: "turn"; readonly dialog: DocumentOf<"dialogs">; readonly turn: number }
  | { readonly kind: "drift"; readonly host: DocumentOf<"hosts"> }
  | { readonly kind: "task"; readonly id: string; readonly type: string; readonly waitsFor: string }
  | { readonly kind: "failed"; readonly deployment: DocumentOf<"deployments"> }
  | { readonly kind: "parked"; readonly step: DocumentOf<"parked"> }
);

/** The documents of a page that came whole. */
const whole = <V extends ViewName>(
  answer: { readonly items: ReadonlyArray<ItemOf<V>> } | undefined,
): ReadonlyArray<DocumentOf<V>> =>
  // An item without `leftOut` is the whole document.
  (answer?.items.filter((item) => !Object.hasOwn(item as object, "leftOut")) ?? []) as ReadonlyArray<DocumentOf<V>>;

const most = 1_000;

/** Everything that waits for somebody, what ends first above. */
export const useNeeds = (principal: string): ReadonlyArray<Need> => {
  const votes = useQuery(
    "proposals",
    "list",
    { filter: { status: "active" }, limit: most },
    { now: true, refresh: ["proposal"] },
  );
  const dialogs = useQuery(
    "dialogs",
    "list",
    { filter: { status: "open", participants: principal }, limit: most },
    { now: true, refresh: ["dialog"] },
  );
  const hosts = useQuery("hosts", "list", { limit: most }, { now: true, refresh: ["host"] });
  const queue = useQuery("tasks", "queue", {}, { now: true, refresh: ["task", "agent"] });
  const failed = useQuery(
    "deployments",
    "list",
    { filter: { status: "failed" }, limit: most },
    { now: true, refresh: ["deployment"] },
  );
  const stuck = useQuery(
    "deployments",
    "list",
    { filter: { status: "rollback-incomplete" }, limit: most },
    { now: true, refresh: ["deployment"] },
  );
  const parked = useQuery("parked", "list", { limit: most }, { now: true, refresh: ["parked-step"] });
  const [seen] = useKept("seen-failures");

  return useMemo(() => {
    const open: ReadonlyArray<Need> = [
      ...whole<"proposals">(votes.data)
        .filter(
          ({ electorate, ballots }) =>
            electorate.some(({ id, weight }) => id === principal && weight > 0) &&
            !ballots.some(({ voter }) => voter === principal),
        )
        .map((proposal) => {
          const { id, submittedAt: since, deadline: until } = proposal;
          return { kind: "vote", key: `vote ${id}`, since, ...defined({ until }), proposal } as const;
        }),
      ...whole<"dialogs">(dialogs.data).flatMap(
        (dialog): ReadonlyArray<Need> => [
          ...(dialog.handOff?.to === principal
            ? [{ kind: "word", key: `word ${dialog.id}`, since: dialog.updatedAt, dialog } as const]
            : []),
          ...dialog.awaited
            .filter(({ asked }) => asked.at(-1) === principal)
            .map(
              ({ turn, answerBy }) =>
                ({
                  kind: "turn",
                  key: `turn ${dialog.id} ${turn}`,
                  since: dialog.updatedAt,
                  until: answerBy,
                  dialog,
                  turn,
                }) as const,
            ),
        ],
      ),
      ...[...whole<"deployments">(failed.data), ...whole<"deployments">(stuck.data)]
        .filter(({ id }) => !seen.includes(id))
        .map(
          (deployment) =>
            ({ kind: "failed", key: `failed ${deployment.id}`, since: deployment.updatedAt, deployment }) as const,
        ),
      ...whole<"hosts">(hosts.data)
        .filter(({ drifts }) => drifts.length > 0)
        .map((host) => ({ kind: "drift", key: `drift ${host.id}`, since: host.drifts[0]?.since ?? "", host }) as const),
      ...(queue.data?.items ?? [])
        .filter(({ waitsFor }) => !waitsFor.startsWith("will be given"))
        .map(
          ({ id, type, waitsFor, since }) => ({ kind: "task", key: `task ${id}`, since, id, type, waitsFor }) as const,
        ),
      ...whole<"parked">(parked.data).map(
        (step) => ({ kind: "parked", key: `parked ${step.id}`, since: step.since, step }) as const,
      ),
    ];
    return open.toSorted((one, other) => ((one.until ?? "~") < (other.until ?? "~") ? -1 : 1));
  }, [votes.data, dialogs.data, hosts.data, queue.data, failed.data, stuck.data, parked.data, principal, seen]);
};

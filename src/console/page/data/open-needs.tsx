import { createContext, type ReactNode, useContext, useMemo } from "react";
import type { DocumentOf, ItemOf, ViewName } from "../../../contract/views/mod.ts";
import { useExceptions } from "./exceptions.tsx";
import { useKept } from "./kept.ts";
import { type Need, needsOf } from "./needs.ts";
import { useQuery } from "./query.ts";
import { useSession } from "./session.tsx";
import { useRoles } from "./standing.tsx";

/** The documents of a page that came whole. */
const whole = <V extends ViewName>(
  answer: { readonly items: ReadonlyArray<ItemOf<V>> } | undefined,
): ReadonlyArray<DocumentOf<V>> =>
  // An item without `leftOut` is the whole document.
  (answer?.items.filter((item) => !Object.hasOwn(item as object, "leftOut")) ?? []) as ReadonlyArray<DocumentOf<V>>;

const most = 1_000;
const newest = { order: "newest", limit: 200 } as const;

/** Everything that waits for somebody. */
const useNeeds = (): ReadonlyArray<Need> => {
  const { principal } = useSession();
  const roles = useRoles();
  const votes = useQuery(
    "proposals",
    "list",
    { filter: { status: "active" }, limit: most },
    { now: true, refresh: ["proposal"] },
  ).data;
  const dialogs = useQuery(
    "dialogs",
    "list",
    { filter: { status: "open", participants: principal }, limit: most },
    { now: true, refresh: ["dialog"] },
  ).data;
  const hosts = useQuery("hosts", "list", { limit: most }, { now: true, refresh: ["host"] }).data;
  const queue = useQuery("tasks", "queue", {}, { now: true, refresh: ["task", "agent"] }).data;
  const recent = useQuery("deployments", "list", newest, { now: true, refresh: ["deployment"] }).data;
  const stuck = useQuery(
    "deployments",
    "list",
    { filter: { status: "rollback-incomplete" }, limit: most },
    { now: true, refresh: ["deployment"] },
  ).data;
  const agents = useQuery("agents", "list", { limit: most }, { now: true, refresh: ["agent", "principal"] }).data;
  const parked = useQuery("parked", "list", { limit: most }, { now: true, refresh: ["parked-step"] }).data;
  const { reviews } = useExceptions();
  const [seen] = useKept("seen");

  return useMemo(() => {
    const deployments = new Map(
      [...whole<"deployments">(stuck), ...whole<"deployments">(recent)].map((one) => [one.id, one]),
    );
    return needsOf({
      principal,
      roles,
      proposals: whole<"proposals">(votes),
      dialogs: whole<"dialogs">(dialogs),
      reviews,
      hosts: whole<"hosts">(hosts),
      queue: queue?.items ?? [],
      deployments: [...deployments.values()],
      agents: whole<"agents">(agents),
      parked: whole<"parked">(parked),
      seen,
    });
  }, [principal, roles, votes, dialogs, reviews, hosts, queue, recent, stuck, agents, parked, seen]);
};

const NeedsContext = createContext<ReadonlyArray<Need>>([]);

/** Asks once for everything that waits for the person, for the frame and the page. */
export const WithNeeds = ({ children }: { readonly children: ReactNode }) => (
  <NeedsContext value={useNeeds()}>{children}</NeedsContext>
);

/** What waits for the person, what ends first above. */
export const useOpenNeeds = (): ReadonlyArray<Need> => useContext(NeedsContext);

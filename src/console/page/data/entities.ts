import { useMemo } from "react";
import type { ViewName } from "../../../contract/views/mod.ts";
import { useQuery } from "./query.ts";

/** Something that has a page. */
export interface Entity {
  readonly kind: string;
  readonly id: string;
  readonly href: string;
  readonly title?: string | undefined;
}

/** The pages of things, by their view. */
const places = {
  graphs: { kind: "graph", href: (id: string) => `/graphs/${id}` },
  deployments: { kind: "deployment", href: (id: string) => `/deployments/${id}` },
  proposals: { kind: "decision", href: (id: string) => `/decisions/${id}` },
  dialogs: { kind: "conversation", href: (id: string) => `/conversations/${id}` },
  hosts: { kind: "host", href: (id: string) => `/fleet/hosts/${id}` },
  agents: { kind: "agent", href: (id: string) => `/fleet/agents/${id}` },
  tasks: { kind: "task", href: (id: string) => `/fleet/tasks/${id}` },
  knowledge: { kind: "knowledge", href: (id: string) => `/knowledge/${id}` },
} as const satisfies Partial<Record<ViewName, unknown>>;
type Place = keyof typeof places;

const newest = { order: "newest", limit: 200 } as const;

/** What changed last of each kind, and what an exact id names. */
export const useEntities = (question: string): ReadonlyArray<Entity> => {
  const answers = {
    graphs: useQuery("graphs", "list", newest).data,
    deployments: useQuery("deployments", "list", newest).data,
    proposals: useQuery("proposals", "list", newest).data,
    dialogs: useQuery("dialogs", "list", newest).data,
    hosts: useQuery("hosts", "list", newest).data,
    agents: useQuery("agents", "list", newest).data,
    tasks: useQuery("tasks", "list", newest).data,
    knowledge: useQuery("knowledge", "list", newest).data,
  } satisfies Record<Place, unknown>;
  const { graphs, deployments, proposals, dialogs, hosts, agents, tasks, knowledge } = answers;
  return useMemo(() => {
    const lists = { graphs, deployments, proposals, dialogs, hosts, agents, tasks, knowledge };
    const found = (Object.keys(lists) as ReadonlyArray<Place>).flatMap((view) =>
      (lists[view]?.items ?? []).map((item): Entity => {
        const { kind, href } = places[view];
        const title = "title" in item ? item.title : "topic" in item ? item.topic : undefined;
        return { kind, id: item.id, href: href(item.id), title };
      }),
    );
    // A thing that changed long ago is not among them; its id leads there all the same.
    const id = question.trim();
    const isId = /^[A-Za-z0-9][A-Za-z0-9_=-]{2,199}$/.test(id) && !found.some((one) => one.id === id);
    return isId
      ? [
          ...found,
          ...(["deployments", "proposals", "dialogs"] as const).map(
            (view): Entity => ({ kind: `open as ${places[view].kind}`, id, href: places[view].href(id) }),
          ),
        ]
      : found;
  }, [graphs, deployments, proposals, dialogs, hosts, agents, tasks, knowledge, question]);
};

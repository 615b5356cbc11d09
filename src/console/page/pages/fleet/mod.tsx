import { useMemo } from "react";
import { useSearchParams } from "wouter";
import { useDocuments } from "../../data/documents.tsx";
import { useQuery } from "../../data/query.ts";
import { Badge } from "../../design/badge.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { Tabs } from "../../design/tabs.tsx";
import { useScreen } from "../../frame/screen.tsx";
import { asks } from "../../page.ts";
import { NewButton } from "../../parts/new-button.tsx";
import { Agents } from "./agents.tsx";
import { DriftBoard } from "./drift-board.tsx";
import { byNeed, runsAnother } from "./host-text.ts";
import { Hosts } from "./hosts.tsx";
import { Queue } from "./queue.tsx";
import { SubmitDialog } from "./submit-dialog.tsx";

const screens = {
  hosts: { cim: ["hosts", "list"], request: asks("hosts", "list", { limit: 1_000 }) },
  drift: { cim: ["hosts", "list"], request: asks("hosts", "list", { limit: 1_000 }) },
  agents: { cim: ["agents", "list"], request: asks("agents", "list", { limit: 1_000 }) },
  queue: { cim: ["tasks", "queue"], request: asks("tasks", "queue", { limit: 1_000 }) },
} as const;
const isTab = (text: string | null): text is keyof typeof screens => text !== null && Object.hasOwn(screens, text);

/** Hosts, where they differ from what they should be, agents with their lanes, and the queue of tasks. */
const Fleet = () => {
  const [params, setParams] = useSearchParams();
  const asked = params.get("tab");
  const tab = isTab(asked) ? asked : "hosts";
  const known = useDocuments("hosts");
  const team = useDocuments("agents");
  const waiting = useQuery("tasks", "queue", { limit: 1 }, { refresh: ["task", "agent"] }).data?.waiting ?? 0;
  const hosts = useMemo(() => [...known.documents.values()].toSorted(byNeed), [known.documents]);
  const agents = useMemo(
    () => [...team.documents.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    [team.documents],
  );
  useScreen(screens[tab]);
  const drifted = hosts.filter(({ drifts }) => drifts.length > 0).length;
  const other = hosts.filter((host) => host.drifts.length === 0 && runsAnother(host)).length;
  const ill = hosts.filter(({ health }) => health === "unhealthy" || health === "unreachable").length;
  const online = agents.filter(({ status }) => status === "online").length;
  const isLoading = known.isLoading || team.isLoading;
  const counted = (name: string, count: number | string) => (isLoading ? name : `${name} ${count}`);
  const content = {
    hosts: { name: counted("Hosts", hosts.length), content: <Hosts hosts={hosts} /> },
    drift: { name: counted("Drift", drifted), content: <DriftBoard hosts={hosts} /> },
    agents: { name: counted("Agents", `${online} of ${agents.length}`), content: <Agents agents={agents} /> },
    queue: { name: counted("Queue", waiting), content: <Queue /> },
  } as const;
  return (
    <div aria-busy={isLoading}>
      <PageHead
        title="Fleet"
        actions={
          tab === "queue" && (
            <NewButton name="New task" command="task.submit">
              {(close) => <SubmitDialog onClose={close} />}
            </NewButton>
          )
        }
      >
        {!isLoading && hosts.length > 0 && (
          <>
            {ill + drifted + other === 0 && <Badge state="every host is well" tone="ok" />}
            {ill > 0 && <Badge state={`${ill} of ${hosts.length} not healthy`} tone="bad" />}
            {drifted > 0 && <Badge state={`${drifted} drifted`} tone="warn" />}
            {other > 0 && <Badge state={`${other} run another system than they should`} tone="warn" />}
          </>
        )}
      </PageHead>
      <Tabs
        label="Fleet"
        value={tab}
        onChange={(next) => setParams((before) => ({ ...Object.fromEntries(before), tab: next }), { replace: true })}
        tabs={(Object.keys(content) as ReadonlyArray<keyof typeof content>).map((key) => ({
          key,
          name: content[key].name,
          content: !isLoading && key === tab && content[key].content,
        }))}
      />
    </div>
  );
};

export default Fleet;

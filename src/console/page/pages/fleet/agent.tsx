import { useMemo } from "react";
import type { ItemOf } from "../../../../contract/views/mod.ts";
import { useAt } from "../../data/at.ts";
import { useCommand } from "../../data/command.ts";
import { useDocuments, WithDocument } from "../../data/documents.tsx";
import { useQuery } from "../../data/query.ts";
import { useSession } from "../../data/session.tsx";
import { useRoles } from "../../data/standing.tsx";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Stack } from "../../design/columns.tsx";
import { Empty } from "../../design/empty.tsx";
import { Hash } from "../../design/hash.tsx";
import { Panel } from "../../design/list.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { type Columns, Table } from "../../design/table.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import { ReasonButton } from "../../parts/reason-button.tsx";
import classes from "./fleet.module.css";

type Task = ItemOf<"tasks">;

const columns: Columns<Task> = [
  { name: "task", cell: ({ id }) => id, width: "minmax(0, 2fr)" },
  { name: "state", cell: ({ status = "unknown" }) => <Badge state={status} />, width: "130px" },
  { name: "type", cell: ({ type = "" }) => <TextOf text={type} />, width: "minmax(0, 1fr)", wide: true },
  {
    name: "how far",
    cell: ({ progress, failure }) => <TextOf text={failure?.reason ?? progress?.message ?? ""} />,
    width: "minmax(0, 2fr)",
    wide: true,
  },
  { name: "changed", cell: ({ updatedAt }) => updatedAt !== undefined && <Age at={updatedAt} />, width: "84px" },
];

/** The newest tasks that were given to an agent. */
const Tasks = ({ agent }: { readonly agent: string }) => {
  const { data } = useQuery("tasks", "list", { filter: { agent }, order: "newest", limit: 200 }, { refresh: ["task"] });
  if (data === undefined) return <div aria-busy="true" />;
  if (data.items.length === 0) return <Empty title="It has had no task yet" />;
  return (
    <div className={classes.tall}>
      <Table label="Tasks" columns={columns} rows={data.items} href={({ id }) => `/fleet/tasks/${id}`} />
    </div>
  );
};

/** Takes the agent out of service: for itself, and admins. */
const SignOff = ({ id }: { readonly id: string }) => {
  const command = useCommand("agent", "deregister");
  const isAdmin = useRoles().includes("admin");
  const { principal: me } = useSession();
  if (!isAdmin && me !== id) return null;
  return (
    <ReasonButton
      kind="bad"
      title={`Sign ${id} off?`}
      says="Its tasks go to other agents, and it gets no new ones and no turns of dialogs until it registers again."
      action="Sign it off"
      isNeeded={me !== id}
      command={command}
      give={(given) => command.give(id, given)}
    >
      Sign it off
    </ReasonButton>
  );
};

/** An agent: whether it is there, what it can do, what it may do, and its tasks. */
const Agent = ({ id }: { readonly id: string }) => {
  const isLive = useAt() === undefined;
  const principals = useDocuments("principals").documents;
  const roles = useMemo(() => principals.get(id)?.roles ?? [], [principals, id]);
  return (
    <WithDocument view="agents" id={id} thing="agent">
      {(agent) => (
        <>
          <PageHead
            title={<TextOf text={agent.name ?? id} />}
            actions={
              <>
                <To href={`/audit?actor=${encodeURIComponent(id)}`}>What it did</To>
                {isLive && agent.registered && <SignOff id={id} />}
              </>
            }
          >
            <Badge state={agent.registered ? agent.status : "deregistered"} />
            <span className={classes.quiet}>
              {id} · has {agent.activeTasks.length} of at most {agent.maxConcurrentTasks} tasks
              {agent.lastSeen !== undefined && (
                <>
                  {" "}
                  · {agent.status} since <Age at={agent.lastSeen} />
                </>
              )}
            </span>
          </PageHead>
          <Stack>
            <Panel title="What it can do and may do">
              <dl className={classes.facts}>
                <dt>can do</dt>
                <dd>{agent.capabilities.join(", ") || "nothing"}</dd>
                {agent.askedFor !== undefined && agent.askedFor.length > 0 && (
                  <>
                    <dt>asks for</dt>
                    <dd>
                      <Badge state={agent.askedFor.join(", ")} tone="warn" /> an admin must grant that
                    </dd>
                  </>
                )}
                <dt>roles</dt>
                <dd>{roles.join(", ") || "those of everybody"}</dd>
                {agent.publicKey !== undefined && (
                  <>
                    <dt>signs with</dt>
                    <dd>
                      <Hash text={agent.publicKey} name="public key" />
                    </dd>
                  </>
                )}
                <dt>registered</dt>
                <dd>
                  <Age at={agent.registeredAt} />
                </dd>
              </dl>
            </Panel>
            <Tasks agent={id} />
          </Stack>
        </>
      )}
    </WithDocument>
  );
};

export default Agent;

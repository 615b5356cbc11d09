import { useCallback, useEffect, useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import { newDraftId } from "../../../designer/shared-draft.ts";
import { useAt } from "../../data/at.ts";
import { useQuery } from "../../data/query.ts";
import { useSession } from "../../data/session.tsx";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Button } from "../../design/button.tsx";
import { Combobox } from "../../design/combobox.tsx";
import { Empty } from "../../design/empty.tsx";
import { List, ListItem, Panel } from "../../design/list.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { To } from "../../design/to.tsx";
import classes from "./drafts.module.css";
import { forgetDraft, type KeptDraft, keptDrafts } from "./kept.ts";

/** Begins a draft against the newest version of a graph. */
const Begin = () => {
  const [, go] = useLocation();
  const [parameters] = useSearchParams();
  const { data } = useQuery("graphs", "list", { order: "newest", limit: 500 }, { refresh: ["graph"] });
  const [graph, setGraph] = useState(parameters.get("graph") ?? undefined);
  const version = data?.items.find(({ id }) => id === graph)?.version;
  return (
    <form
      className={classes.begin}
      onSubmit={(event) => {
        event.preventDefault();
        if (graph !== undefined && version !== undefined) go(`/drafts/${newDraftId(graph, version, Math.random())}`);
      }}
    >
      <Combobox
        label="Graph"
        value={graph}
        choices={(data?.items ?? []).map(({ id }) => id)}
        onChange={setGraph}
        placeholder="Part of its name"
      />
      <Button kind="main" type="submit" disabled={version === undefined}>
        Begin a draft
      </Button>
    </form>
  );
};

/** The drafts that this browser keeps, and the way to begin one. */
const Drafts = () => {
  const session = useSession();
  const isPast = useAt() !== undefined;
  const [kept, setKept] = useState<ReadonlyArray<KeptDraft>>();
  const read = useCallback(() => {
    keptDrafts(session).then(setKept, () => setKept([]));
  }, [session]);
  useEffect(read, [read]);
  return (
    <div className={classes.page}>
      <PageHead title="Drafts">
        {kept !== undefined && kept.length > 0 && <span className={classes.quiet}>{kept.length}</span>}
      </PageHead>
      <p className={classes.quiet}>
        Several people design one draft at the same moment: send them its address. A draft is kept in the browsers of
        those who have opened it, and nowhere else: nothing of it is in the log until it becomes a version.
      </p>
      {!isPast && (
        <Panel title="Begin">
          <Begin />
        </Panel>
      )}
      {kept?.length === 0 && <Empty title="This browser keeps no draft">Begin one, or open the address of one.</Empty>}
      {kept !== undefined && kept.length > 0 && (
        <List label="Drafts that this browser keeps">
          {kept.map(({ id, graph, version, changedAt }) => (
            <ListItem
              key={id}
              actions={
                <Button label={`Forget the draft ${id}`} onClick={() => void forgetDraft(session, id).then(read)}>
                  Forget
                </Button>
              }
            >
              <p className={classes.line}>
                <To href={`/drafts/${id}`} className={classes.name}>
                  {id}
                </To>
                <Badge state="against" tone="quiet">
                  {graph}, version {version}
                </Badge>
                <Age at={changedAt} />
              </p>
            </ListItem>
          ))}
        </List>
      )}
    </div>
  );
};

export default Drafts;

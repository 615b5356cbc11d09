import { useCallback, useEffect, useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import { beginningOf, newDraftId } from "../../../designer/shared-draft.ts";
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
import { useOpenDrafts } from "./use-open-drafts.ts";

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

/** The graph and the version that a draft began with, as its name says. */
const Against = ({ id }: { readonly id: string }) => {
  const from = beginningOf(id);
  return (
    from && (
      <Badge state="against" tone="quiet">
        {from.graph}, from version {from.version}
      </Badge>
    )
  );
};

/** The drafts that people have open, those that this browser keeps, and the way to begin one. */
const Drafts = () => {
  const session = useSession();
  const isPast = useAt() !== undefined;
  const [kept, setKept] = useState<ReadonlyArray<KeptDraft>>();
  const read = useCallback(() => {
    keptDrafts(session).then(setKept, () => setKept([]));
  }, [session]);
  useEffect(read, [read]);
  const open = useOpenDrafts();
  const others = open.filter(({ id }) => kept?.every((one) => one.id !== id) ?? true);
  const peopleIn = (draft: string) => open.find(({ id }) => id === draft)?.people ?? [];
  return (
    <div className={classes.page}>
      <PageHead title="Drafts">
        {kept !== undefined && kept.length > 0 && <span className={classes.quiet}>{kept.length}</span>}
      </PageHead>
      <p className={classes.quiet}>
        Several people design one draft at the same moment. Everybody sees here which drafts are open now, and who is in
        them. A draft is kept in the browsers of those who have opened it. Nothing of it is in the log until it becomes
        a version.
      </p>
      {!isPast && (
        <Panel title="Begin">
          <Begin />
        </Panel>
      )}
      {others.length > 0 && (
        <List label="Drafts that people have open now">
          {others.map(({ id, people }) => (
            <ListItem key={id}>
              <p className={classes.line}>
                <To href={`/drafts/${id}`} className={classes.name}>
                  {id}
                </To>
                <Against id={id} />
                <Badge state="open" tone="moving">
                  {people.join(", ")}
                </Badge>
              </p>
            </ListItem>
          ))}
        </List>
      )}
      {kept?.length === 0 && others.length === 0 && (
        <Empty title="This browser keeps no draft">Begin one, or open the address of one.</Empty>
      )}
      {kept !== undefined && kept.length > 0 && (
        <List label="Drafts that this browser keeps">
          {kept.map(({ id, changedAt }) => (
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
                <Against id={id} />
                <Age at={changedAt} />
                {peopleIn(id).length > 0 && (
                  <Badge state="open" tone="moving">
                    {peopleIn(id).join(", ")}
                  </Badge>
                )}
              </p>
            </ListItem>
          ))}
        </List>
      )}
    </div>
  );
};

export default Drafts;

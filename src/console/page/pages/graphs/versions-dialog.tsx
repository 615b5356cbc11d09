import { useState } from "react";
import type { AnswerOf } from "../../../../contract/views/mod.ts";
import { type Draft, draftOf } from "../../../designer/draft.ts";
import { api } from "../../data/client.ts";
import { useQuery } from "../../data/query.ts";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { Failure } from "../../design/failure.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import classes from "./graph.module.css";

type Version = AnswerOf<"graphs", "versions">["items"][number];

/** The versions of a graph, newest first: who made each, what it changed, what was deployed of it. */
export const VersionsDialog = ({
  id,
  onTake,
  onClose,
}: {
  readonly id: string;
  /** Makes the draft what a version was; undefined if one may not change it. */
  readonly onTake: ((draft: Draft) => void) | undefined;
  readonly onClose: () => void;
}) => {
  const [before, setBefore] = useState<number>();
  const { data, error } = useQuery("graphs", "versions", before === undefined ? { id } : { id, before }, {
    refresh: ["graph"],
  });
  const take = async (version: number) => {
    const { data: old } = await api.query("graphs", "get", { id, version });
    if (old === null) return;
    const { description, nodes, edges } = old;
    const read = draftOf(id, JSON.parse(JSON.stringify({ id, description, nodes, edges })));
    if ("draft" in read) onTake?.(read.draft);
    onClose();
  };
  return (
    <Dialog isOpen onClose={onClose} title={`Versions of ${id}`}>
      <div className={classes.dialog}>
        {error !== undefined && <Failure error={error} />}
        <ul className={classes.list}>
          {data?.items.map((one: Version) => (
            <li key={one.version} className={classes.version}>
              <p className={classes.line}>
                <To href={`/graphs/${id}?version=${one.version}`}>version {one.version}</To>
                <To href={`/diff?left=graphs/${id}@${one.version}&right=graphs/${id}`}>compared with the newest</To>
                <TextOf text={one.actor} />
                <Age at={one.time} />
                {one.amends !== undefined && (
                  <Badge state="amended" tone="quiet">
                    by the vote on {one.amends}
                  </Badge>
                )}
              </p>
              <p>
                <TextOf text={one.text} />
              </p>
              <p className={classes.line}>
                {one.deployments.map((deployment) => (
                  <span key={deployment.id}>
                    <To href={`/deployments/${deployment.id}`}>{deployment.id}</To> <Badge state={deployment.status} />
                  </span>
                ))}
                {onTake !== undefined && (
                  <Button label={`Design on from version ${one.version}`} onClick={() => void take(one.version)}>
                    Design on from here
                  </Button>
                )}
              </p>
            </li>
          ))}
        </ul>
        <div className={classes.actions}>
          {before !== undefined && <Button onClick={() => setBefore(undefined)}>Newest</Button>}
          {data?.before !== undefined && <Button onClick={() => setBefore(data.before)}>Older</Button>}
        </div>
      </div>
    </Dialog>
  );
};

import { useMemo } from "react";
import { useQuery } from "../../data/query.ts";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Failure } from "../../design/failure.tsx";
import { Panel } from "../../design/list.tsx";
import { Notice } from "../../design/notice.tsx";
import { type Columns, Table } from "../../design/table.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { placeOfEvent } from "../../parts/place.ts";
import classes from "./fleet.module.css";
import { type Reason, reasonsOf, whySentence } from "./why.ts";

const columns: Columns<Reason & { readonly id: string }> = [
  { name: "what", cell: ({ state, tone }) => <Badge state={state} tone={tone} />, width: "130px" },
  { name: "in words", cell: ({ text }) => <TextOf text={text} />, width: "minmax(0, 3fr)" },
  { name: "by", cell: ({ entry }) => <TextOf text={entry.actor} />, width: "minmax(70px, 0.8fr)", wide: true },
  { name: "position", cell: ({ entry }) => entry.position, width: "70px", wide: true },
  { name: "when", cell: ({ entry }) => <Age at={entry.time} />, width: "84px" },
];

/** Why a host runs what it runs, or why a node is on it: the way back to who decided on it and who made it. */
export const WhyStory = ({ host, node }: { readonly host: string; readonly node?: string }) => {
  const input = useMemo(() => (node === undefined ? { host } : { host, node }), [host, node]);
  const { data, error } = useQuery("hosts", "why", input, { refresh: ["host", "deployment"] });
  const reasons = useMemo(() => {
    const seen = new Map(
      (data === undefined ? [] : reasonsOf(data)).map((reason) => [`${reason.id} ${reason.state}`, reason]),
    );
    return [...seen.values()];
  }, [data]);
  return (
    <Panel title={node === undefined ? "Why does it run this?" : `Why is ${node} here?`} hint="from the log alone">
      {error !== undefined && <Failure error={error} />}
      {data !== undefined && (
        <div className={classes.form}>
          <Notice tone={data.difference === undefined ? "ok" : "warn"}>
            <TextOf text={whySentence(data)} />
          </Notice>
          <div className={classes.tall}>
            <Table
              label="What led to it"
              columns={columns}
              rows={reasons}
              href={({ id, href }) => href ?? placeOfEvent(id)}
            />
          </div>
        </div>
      )}
    </Panel>
  );
};

import { useMemo } from "react";
import { useQuery } from "../../data/query.ts";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Code } from "../../design/code.tsx";
import { Failure } from "../../design/failure.tsx";
import { Hash } from "../../design/hash.tsx";
import { Panel } from "../../design/list.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { type Columns, Table } from "../../design/table.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import { placeOfEvent } from "../../parts/place.ts";
import classes from "./audit.module.css";
import { type StoryStep, storyOf } from "./story.ts";

const columns: Columns<StoryStep> = [
  { name: "who", cell: ({ entry }) => <TextOf text={entry.actor} />, width: "minmax(80px, 1fr)" },
  {
    name: "what",
    cell: ({ state, tone }) => (tone === undefined ? <Badge state={state} /> : <Badge state={state} tone={tone} />),
    width: "minmax(110px, 0.9fr)",
  },
  { name: "in words", cell: ({ text }) => <TextOf text={text} />, width: "minmax(0, 3fr)" },
  {
    name: "signed with",
    cell: ({ signedWith }) => signedWith !== undefined && <Hash text={signedWith} name="key" />,
    width: "120px",
    wide: true,
  },
  { name: "position", cell: ({ entry }) => entry.position, width: "70px", wide: true },
  { name: "when", cell: ({ entry }) => <Age at={entry.time} />, width: "84px", wide: true },
];

/** The story of a decision from the log alone: what was said, who voted how, what came of it, and the proof. */
const DecisionStory = ({ id }: { readonly id: string }) => {
  const { data, error } = useQuery("audit", "decision", { proposal: id }, { refresh: ["proposal", "dialog"] });
  const steps = useMemo(() => (data === undefined ? [] : storyOf(data)), [data]);
  const result = useMemo(() => JSON.stringify(data?.result, null, 2), [data]);
  if (error !== undefined) return <Failure error={error} />;
  if (data === undefined) return <div aria-busy="true" />;
  return (
    <>
      <PageHead title={<TextOf text={data.title} />} actions={<To href={`/decisions/${id}`}>Open the decision</To>}>
        <Badge state={data.outcome} />
        <span className={classes.quiet}>
          {data.kind}, proposed by <TextOf text={data.proposer} />
        </span>
      </PageHead>
      <div className={classes.stack}>
        <div className={classes.tall}>
          <Table label="Story" columns={columns} rows={steps} href={({ id: event }) => placeOfEvent(event)} />
        </div>
        <Panel title="Proof" hint="the result, without times and positions, and its hash">
          <div className={classes.stack}>
            <p>
              SHA-256 of the canonical JSON: <Hash text={data.resultHash} name="hash of the result" />
            </p>
            <Code text={result} label="Copy the result" />
          </div>
        </Panel>
      </div>
    </>
  );
};

export default DecisionStory;

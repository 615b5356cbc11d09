import type { AnswerOf } from "../../../../contract/views/mod.ts";
import { useQuery } from "../../data/query.ts";
import { Age } from "../../design/age.tsx";
import { Empty } from "../../design/empty.tsx";
import { Failure } from "../../design/failure.tsx";
import { type Columns, Table } from "../../design/table.tsx";
import { TextOf } from "../../design/text-of.tsx";
import classes from "./fleet.module.css";

type Waiting = AnswerOf<"tasks", "queue">["items"][number];

const columns: Columns<Waiting> = [
  { name: "task", cell: ({ place, id }) => `${place}. ${id}`, width: "minmax(0, 1.6fr)" },
  { name: "type", cell: ({ type }) => <TextOf text={type} />, width: "minmax(0, 1fr)", wide: true },
  { name: "waits for", cell: ({ waitsFor }) => <TextOf text={waitsFor} />, width: "minmax(0, 3fr)" },
  {
    name: "needs",
    cell: ({ requiredCapabilities }) => requiredCapabilities.join(", "),
    width: "minmax(0, 1fr)",
    wide: true,
  },
  { name: "priority", cell: ({ priority }) => priority, width: "70px", wide: true },
  { name: "since", cell: ({ since }) => <Age at={since} />, width: "84px" },
];

/** The tasks that wait for an agent, the next one first, and what each waits for. */
export const Queue = () => {
  const { data, error } = useQuery("tasks", "queue", { limit: 1_000 }, { refresh: ["task", "agent"] });
  if (error !== undefined) return <Failure error={error} />;
  if (data === undefined) return <div aria-busy="true" />;
  if (data.items.length === 0) return <Empty title="No task waits">Every task has an agent, or is over.</Empty>;
  return (
    <div className={classes.tall}>
      <Table label="Queue" columns={columns} rows={data.items} href={({ id }) => `/fleet/tasks/${id}`} />
    </div>
  );
};

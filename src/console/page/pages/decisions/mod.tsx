import type { ItemOf } from "../../../../contract/views/mod.ts";
import { useList } from "../../data/list.ts";
import { Age, TimeLeft } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Empty } from "../../design/empty.tsx";
import { ListPage } from "../../design/list-page.tsx";
import type { Columns } from "../../design/table.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { NewButton } from "../../parts/new-button.tsx";
import { SubmitDialog } from "./submit-dialog.tsx";

type Row = ItemOf<"proposals">;

const end = ({ status, deadline, decidedAt }: Row) => {
  if (status === "active" && deadline !== undefined) return <TimeLeft until={deadline} />;
  return decidedAt !== undefined && <Age at={decidedAt} />;
};

const columns: Columns<Row> = [
  { name: "what is decided", cell: ({ id, title = id }) => <TextOf text={title} />, width: "minmax(0, 2.4fr)" },
  { name: "state", cell: ({ status = "unknown" }) => <Badge state={status} />, width: "minmax(96px, 0.9fr)" },
  { name: "kind", cell: ({ kind }) => kind, width: "100px", wide: true },
  { name: "round", cell: ({ round }) => round, width: "60px", wide: true },
  {
    name: "ballots",
    cell: ({ ballots = [], electorate = [] }) => `${ballots.length} of ${electorate.length}`,
    width: "80px",
    wide: true,
  },
  { name: "proposed by", cell: ({ proposer }) => proposer, width: "130px", wide: true },
  { name: "ends", cell: end, width: "80px" },
];

/** Every decision, the one that changed last first. */
const Decisions = () => (
  <ListPage
    title="Decisions"
    actions={
      <NewButton name="New proposal" command="proposal.submit">
        {(close) => <SubmitDialog onClose={close} />}
      </NewButton>
    }
    list={useList("proposals", { refresh: ["proposal"] })}
    columns={columns}
    href={({ id }) => `/decisions/${id}`}
    empty={
      <Empty title="Nothing was put to the vote yet">
        Every deployment is. Request one from a graph, put a question to the vote here, or run{" "}
        <code>cim deploy examples/five-services.json</code>.
      </Empty>
    }
  />
);

export default Decisions;

import type { ItemOf } from "../../../../contract/views/mod.ts";
import { useList } from "../../data/list.ts";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Empty } from "../../design/empty.tsx";
import { ListPage } from "../../design/list-page.tsx";
import type { Columns } from "../../design/table.tsx";
import { NewButton } from "../../parts/new-button.tsx";
import { AssertDialog } from "./assert-dialog.tsx";

type Row = ItemOf<"knowledge">;

const columns: Columns<Row> = [
  { name: "space", cell: ({ id }) => id, width: "minmax(0, 2fr)" },
  { name: "facts", cell: ({ facts }) => facts, width: "70px" },
  { name: "evidence", cell: ({ evidence }) => evidence, width: "70px", wide: true },
  { name: "retracted", cell: ({ retractions }) => retractions, width: "80px", wide: true },
  { name: "beliefs", cell: ({ beliefs }) => beliefs, width: "70px", wide: true },
  {
    name: "votes",
    cell: ({ votes = [] }) => votes.length > 0 && <Badge state={`${votes.length} on conflicts`} tone="warn" />,
    width: "150px",
    wide: true,
  },
  { name: "owner", cell: ({ owner }) => owner, width: "minmax(0, 1fr)", wide: true },
  { name: "changed", cell: ({ updatedAt }) => updatedAt !== undefined && <Age at={updatedAt} />, width: "90px" },
];

/** Every space of knowledge, the one that changed last first. */
const Knowledge = () => (
  <ListPage
    title="Knowledge"
    actions={
      <NewButton name="New fact" command="knowledge.assert-fact">
        {(close) => <AssertDialog onClose={close} />}
      </NewButton>
    }
    list={useList("knowledge", { refresh: ["knowledge"] })}
    columns={columns}
    href={({ id }) => `/knowledge/${id}`}
    empty={
      <Empty title="Nobody has said anything yet">
        Agents and people say what they hold for true. Add a first fact here, or with{" "}
        <code>cim facts assert-fact team</code>.
      </Empty>
    }
  />
);

export default Knowledge;

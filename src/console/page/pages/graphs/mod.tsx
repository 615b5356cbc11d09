import type { ItemOf } from "../../../../contract/views/mod.ts";
import { useList } from "../../data/list.ts";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Empty } from "../../design/empty.tsx";
import { ListPage } from "../../design/list-page.tsx";
import type { Columns } from "../../design/table.tsx";
import { TextOf } from "../../design/text-of.tsx";

const columns: Columns<ItemOf<"graphs">> = [
  { name: "graph", cell: ({ id }) => id, width: "minmax(0, 1.2fr)" },
  {
    name: "what it is for",
    cell: ({ description = "" }) => <TextOf text={description} />,
    width: "minmax(0, 2fr)",
    wide: true,
  },
  { name: "version", cell: ({ version }) => version, width: "70px" },
  { name: "nodes", cell: ({ nodeCount }) => nodeCount, width: "60px" },
  { name: "edges", cell: ({ edgeCount }) => edgeCount, width: "60px", wide: true },
  { name: "owner", cell: ({ owner }) => owner, width: "110px", wide: true },
  { name: "", cell: ({ archived }) => archived === true && <Badge state="archived" />, width: "90px", wide: true },
  { name: "changed", cell: ({ updatedAt }) => updatedAt !== undefined && <Age at={updatedAt} />, width: "90px" },
];

/** Every graph, the one that changed last first. */
const Graphs = () => (
  <ListPage
    title="Graphs"
    list={useList("graphs", { refresh: ["graph"] })}
    columns={columns}
    href={({ id }) => `/graphs/${id}`}
    empty={
      <Empty title="There is no graph yet">
        A graph says what runs where. Import one: <code>cim graph import examples/five-services.json</code>.
      </Empty>
    }
  />
);

export default Graphs;

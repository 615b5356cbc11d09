import type { ItemOf } from "../../../../contract/views/mod.ts";
import { useList } from "../../data/list.ts";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Empty } from "../../design/empty.tsx";
import { ListPage } from "../../design/list-page.tsx";
import type { Columns } from "../../design/table.tsx";
import { TextOf } from "../../design/text-of.tsx";

type Row = ItemOf<"deployments">;

const columns: Columns<Row> = [
  { name: "deployment", cell: ({ id }) => id, width: "minmax(0, 2fr)" },
  { name: "state", cell: ({ status = "unknown" }) => <Badge state={status} />, width: "150px" },
  {
    name: "graph",
    cell: ({ graph, graphVersion }) => `${graph} v ${graphVersion}`,
    width: "minmax(0, 1.2fr)",
    wide: true,
  },
  { name: "hosts", cell: ({ hosts = [] }) => hosts.length, width: "50px", wide: true },
  { name: "what went wrong", cell: ({ detail = "" }) => <TextOf text={detail} />, width: "minmax(0, 2fr)", wide: true },
  { name: "requested by", cell: ({ requestedBy }) => requestedBy, width: "110px", wide: true },
  { name: "changed", cell: ({ updatedAt }) => updatedAt !== undefined && <Age at={updatedAt} />, width: "90px" },
];

/** Every deployment, the one that changed last first. */
const Deployments = () => (
  <ListPage
    title="Deployments"
    list={useList("deployments", { refresh: ["deployment"] })}
    columns={columns}
    href={({ id }) => `/deployments/${id}`}
    empty={
      <Empty title="Nothing was deployed yet">
        Open a graph and propose its deployment, or run <code>cim deploy examples/five-services.json</code>.
      </Empty>
    }
  />
);

export default Deployments;

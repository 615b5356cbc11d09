import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Empty } from "../../design/empty.tsx";
import { Hash } from "../../design/hash.tsx";
import { type Columns, Table } from "../../design/table.tsx";
import { TextOf } from "../../design/text-of.tsx";
import classes from "./fleet.module.css";
import { diskUsed, stateText } from "./host-text.ts";

type Host = DocumentOf<"hosts">;

const closureCell = (closure: string | undefined) => closure !== undefined && <Hash text={closure} name="closure" />;

const columns: Columns<Host> = [
  { name: "host", cell: ({ id }) => id, width: "minmax(56px, 1fr)" },
  { name: "health", cell: ({ health }) => <Badge state={health} />, width: "120px" },
  { name: "how it is", cell: (host) => <TextOf text={stateText(host)} />, width: "minmax(0, 2.4fr)" },
  { name: "should run", cell: ({ desired }) => closureCell(desired?.closure), width: "110px", wide: true },
  { name: "runs", cell: ({ closure }) => closureCell(closure), width: "110px", wide: true },
  { name: "load", cell: ({ observed }) => observed?.load?.toFixed(1), width: "50px", wide: true },
  {
    name: "disk",
    cell: (host) => {
      const used = diskUsed(host);
      return used !== undefined && `${Math.round(used * 100)} %`;
    },
    width: "50px",
    wide: true,
  },
  {
    name: "graph",
    cell: ({ desired, graph }) => desired?.placement?.graph ?? graph,
    width: "minmax(80px, 1fr)",
    wide: true,
  },
  {
    name: "seen",
    cell: ({ reportedAt }) => (reportedAt === undefined ? "never" : <Age at={reportedAt} />),
    width: "84px",
    wide: true,
  },
];

/** Every host: what it should run, what it runs, and how it is. */
export const Hosts = ({ hosts }: { readonly hosts: ReadonlyArray<Host> }) =>
  hosts.length === 0 ? (
    <Empty title="There is no host yet">
      Hosts come with the first deployment of a graph that has them: <code>cim deploy examples/five-services.json</code>
      .
    </Empty>
  ) : (
    <div className={classes.tall}>
      <Table label="Hosts" columns={columns} rows={hosts} href={({ id }) => `/fleet/hosts/${id}`} />
    </div>
  );

import { Schema } from "effect";
import { useState } from "react";
import { useLocation } from "wouter";
import type { ItemOf } from "../../../../contract/views/mod.ts";
import { Name } from "../../../../domain/kernel/mod.ts";
import { useList } from "../../data/list.ts";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { Empty } from "../../design/empty.tsx";
import { Field } from "../../design/field.tsx";
import { ListPage } from "../../design/list-page.tsx";
import type { Columns } from "../../design/table.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { NewButton } from "../../parts/new-button.tsx";
import classes from "./graph.module.css";

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

/** Asks for the name of a graph that is not there yet. Its page designs it; saving makes it. */
const NewGraph = ({ onClose }: { readonly onClose: () => void }) => {
  const [name, setName] = useState("");
  const [, go] = useLocation();
  const isRight = Schema.is(Name)(name);
  return (
    <Dialog isOpen onClose={onClose} title="A new graph">
      <form
        className={classes.dialog}
        onSubmit={(event) => {
          event.preventDefault();
          if (isRight) go(`/graphs/${name}`);
        }}
      >
        <Field mono label="Name" hint="Lower-case letters, digits and -." value={name} onChange={setName} />
        <div className={classes.actions}>
          <Button kind="main" type="submit" disabled={!isRight}>
            Design it
          </Button>
        </div>
      </form>
    </Dialog>
  );
};

/** Every graph, the one that changed last first. */
const Graphs = () => (
  <ListPage
    actions={
      <NewButton name="New graph" command="graph.import">
        {(close) => <NewGraph onClose={close} />}
      </NewButton>
    }
    title="Graphs"
    list={useList("graphs", { refresh: ["graph"] })}
    columns={columns}
    href={({ id }) => `/graphs/${id}`}
    empty={
      <Empty title="There is no graph yet">
        A graph says what runs where. Design a new one, or import one:{" "}
        <code>cim graph import examples/five-services.json</code>.
      </Empty>
    }
  />
);

export default Graphs;

import type { ItemOf } from "../../../../contract/views/mod.ts";
import { useList } from "../../data/list.ts";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Empty } from "../../design/empty.tsx";
import { ListPage } from "../../design/list-page.tsx";
import type { Columns } from "../../design/table.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { NewButton } from "../../parts/new-button.tsx";
import { OpenDialog } from "./open-dialog.tsx";

type Row = ItemOf<"dialogs">;

/** Who is awaited: those who were asked last and have not answered. */
const awaitedText = ({ awaited = [] }: Row): string =>
  [...new Set(awaited.map(({ asked }) => asked.at(-1)))].join(", ");

const columns: Columns<Row> = [
  { name: "topic", cell: ({ id, topic = id }) => <TextOf text={topic} />, width: "minmax(0, 2.4fr)" },
  { name: "state", cell: ({ status = "unknown" }) => <Badge state={status} />, width: "100px" },
  { name: "type", cell: ({ type }) => type, width: "90px", wide: true },
  { name: "turns", cell: ({ turnCount }) => turnCount, width: "60px", wide: true },
  { name: "takes part", cell: ({ participants = [] }) => participants.length, width: "80px", wide: true },
  { name: "awaited", cell: awaitedText, width: "minmax(0, 1fr)", wide: true },
  { name: "changed", cell: ({ updatedAt }) => updatedAt !== undefined && <Age at={updatedAt} />, width: "90px" },
];

/** Every conversation, the one in which something was said last first. */
const Conversations = () => (
  <ListPage
    title="Conversations"
    actions={
      <NewButton name="New conversation" command="dialog.open">
        {(close) => <OpenDialog onClose={close} />}
      </NewButton>
    }
    list={useList("dialogs", { refresh: ["dialog"] })}
    columns={columns}
    href={({ id }) => `/conversations/${id}`}
    empty={
      <Empty title="Nobody has talked yet">
        Every deployment opens a conversation of its reviewers. Begin one here, or with{" "}
        <code>cim dialogs open backup --type group --topic "Backups" --participants ann,ben</code>.
      </Empty>
    }
  />
);

export default Conversations;

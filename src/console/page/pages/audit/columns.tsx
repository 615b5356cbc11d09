import { Age } from "../../design/age.tsx";
import type { Columns } from "../../design/table.tsx";
import { TextOf } from "../../design/text-of.tsx";
import classes from "./audit.module.css";
import type { EventRow } from "./trail.ts";

/** The columns of the log. */
export const eventColumns: Columns<EventRow> = [
  {
    name: "what happened",
    cell: ({ event: { type } }) => <TextOf text={type.replaceAll("-", " ")} />,
    width: "minmax(0, 1.2fr)",
  },
  {
    name: "to what",
    cell: ({ event: { aggregate, id } }) => (
      <>
        <span className={classes.quiet}>{aggregate}</span> <TextOf text={id} />
      </>
    ),
    width: "minmax(0, 1.4fr)",
  },
  {
    name: "in short",
    cell: ({ gist }) => <TextOf text={gist} />,
    width: "minmax(0, 2fr)",
    wide: true,
  },
  { name: "by", cell: ({ event: { actor } }) => <TextOf text={actor} />, width: "minmax(70px, 0.7fr)", wide: true },
  { name: "position", cell: ({ event: { position } }) => position, width: "70px", wide: true },
  { name: "when", cell: ({ event: { time } }) => <Age at={time} />, width: "84px" },
];

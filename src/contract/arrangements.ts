import { Schema } from "effect";
import { Instant, Name, Principal } from "../domain/kernel/mod.ts";

const Coordinate = Schema.Finite.check(Schema.isBetween({ minimum: -1_000_000, maximum: 1_000_000 }));
/** As many boxes have a place of their own. */
const mostBoxes = 2_000;

/** Where the boxes of hosts stand on the canvas of a graph; those that it does not name stand where the layout puts them. */
export const Boxes = Schema.Record(Name, Schema.Struct({ x: Coordinate, y: Coordinate }))
  .check(Schema.isMaxProperties(mostBoxes))
  .annotate({ identifier: "Boxes" });
export type Boxes = typeof Boxes.Type;

/**
 * Asks for the arrangement of a graph that everybody sees, on `cim.arrange.<principal>.<graph>`; with `boxes` it takes the
 * place of the one before. It is no part of the graph and no event: a moved box must not void an approval.
 */
export const ArrangementRequest = Schema.Struct({ boxes: Schema.optionalKey(Boxes) }).annotate({
  identifier: "ArrangementRequest",
});

/** The arrangement that a graph has now, who made it, and when; without boxes if nobody has made one. */
export const Arrangement = Schema.Struct({
  boxes: Boxes,
  by: Schema.optionalKey(Principal),
  time: Schema.optionalKey(Instant),
}).annotate({ identifier: "Arrangement" });
export type Arrangement = typeof Arrangement.Type;

export const ArrangementReply = Schema.Struct({ ok: Schema.Literal(true), ...Arrangement.fields });

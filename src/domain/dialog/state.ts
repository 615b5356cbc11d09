import { Schema } from "effect";
import { Principal } from "../kernel/mod.ts";
import { DialogType } from "./contract.ts";

/** A dialog that was opened; null before. `turns` counts what was said. */
export const DialogState = Schema.NullOr(
  Schema.Struct({
    type: DialogType,
    status: Schema.Literals(["open", "closed"]),
    participants: Schema.Array(Principal),
    turns: Schema.Int,
  }),
);
export type DialogState = typeof DialogState.Type;
/** A dialog that exists. */
export type Dialog = NonNullable<DialogState>;

import type { Schema } from "effect";

const utf8 = new TextEncoder();

/** How many bytes a value takes as JSON in UTF-8. */
export const jsonBytes = (value: Schema.Json): number => utf8.encode(JSON.stringify(value)).length;

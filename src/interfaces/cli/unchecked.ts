import type { Client } from "../../agents/kit/mod.ts";

/** Gives commands whose payloads come from files and options: what is wrong with them the backend tells. */
export const unchecked = (client: Client) => client.command<string, string>;

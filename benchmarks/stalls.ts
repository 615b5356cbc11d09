import { measureDialog } from "./stalls/dialog.ts";
import { measureGraph } from "./stalls/graph.ts";
import { measureLog } from "./stalls/log.ts";
import { measureVote } from "./stalls/vote.ts";

/**
 * The longest time that the backend's event loop stands still while it does large work, and how late its leases were
 * renewed meanwhile. Names of stories after the option `--json` leave out the others.
 */
const stories = { dialog: measureDialog, vote: measureVote, graph: measureGraph, log: measureLog };

const named = process.argv.slice(2).filter((argument) => argument !== "--json");
for (const [name, measure] of Object.entries(stories)) if (named.length === 0 || named.includes(name)) await measure();

import { Option, Schema } from "effect";
import { serviceName } from "../../contract/names.ts";
import { mergedRefusals, RefusalsOfBackend } from "../../contract/refusals.ts";
import { withClient } from "./connection.ts";
import { CliFailure, exitCode } from "./errors.ts";
import type { Invocation } from "./invocation.ts";
import { table } from "./text.ts";

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(RefusalsOfBackend));

/** Milliseconds that backends have for their answers; and after the last one, for one more. */
const patience = { maxWait: 2_000, stall: 300 } as const;

/** `cim audit refusals`: what principals tried that they may not, as all backends have counted it. */
export const refusals = (cli: Invocation): Promise<number> =>
  withClient(cli, async ({ nats }) => {
    const found: Array<typeof RefusalsOfBackend.Type> = [];
    const options = { strategy: "stall", ...patience } as const;
    for await (const answer of await nats.requestMany(`$SRV.STATS.${serviceName}`, undefined, options))
      found.push(...Option.toArray(decode(answer.string())));
    if (found.length === 0) throw new CliFailure("no backend answers: start one with `cim up`");
    const { total, newest } = mergedRefusals(found.flatMap(({ refusals: counted }) => counted ?? []));
    if (cli.output.json) cli.output.document({ backends: found.length, total, newest });
    const rows = newest.map(({ principal, what, code, count, first, last, message }) => [
      principal,
      what,
      code,
      String(count),
      first,
      last,
      message,
    ]);
    cli.output.result(
      rows.length === 0
        ? "nothing was refused since the backends started"
        : table(["PRINCIPAL", "WHAT", "WHY", "TIMES", "FIRST", "LAST", "MESSAGE"], rows),
    );
    return exitCode.done;
  });

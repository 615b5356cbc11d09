import { connect, openReplica } from "../../src/agents/kit/mod.ts";

/**
 * A process with a replica that writes facts one after the other until it is killed; says each id when it is on the disk.
 * Arguments: the server's URL, prefix, principal, space, file, the number of the first fact.
 */
const [servers = "", prefix = "", principal = "", space = "", file = "", first = "0"] = process.argv.slice(2);
const client = await connect({ servers, prefix, principal });
const replica = await openReplica({ client, space, file, log: () => {} });
for (let number = Number(first); ; number++) {
  const { id, kept } = replica.assertFact({ subject: principal, predicate: "wrote", object: number });
  await kept;
  process.stdout.write(`${id}\n`);
}

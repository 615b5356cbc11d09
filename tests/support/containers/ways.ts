import { createServer } from "node:http";
import { tcpCut } from "../tcp-cut.ts";

/**
 * A program in a container through which other containers reach each other: on each port of its argument (JSON) it
 * forwards to a server, `{"6201": "n1:6222"}`. `PUT /40` with a list of ports makes everything on these take 40 ms more in
 * each direction. The kernel's own delay (`netem`) is a module that many machines lack.
 */
const ways = new Map<number, Awaited<ReturnType<typeof tcpCut>>>();
const given: Readonly<Record<string, string>> = JSON.parse(process.argv[2] ?? "{}");
for (const [port, to] of Object.entries(given))
  ways.set(Number(port), await tcpCut(`nats://${to}`, { port: Number(port), host: "0.0.0.0" }));

const control = createServer(async (request, response) => {
  let body = "";
  for await (const part of request) body += part;
  for (const port of JSON.parse(body) as ReadonlyArray<number>) ways.get(port)?.slow(Number(request.url?.slice(1)));
  response.end();
});
control.listen(80, "0.0.0.0", () => console.log("ways are open"));

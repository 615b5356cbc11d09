import type { Server } from "node:http";
import type { Socket } from "node:net";
import { rawAnswer } from "./answers.ts";
import { count } from "./metrics.ts";

/** Open connections. A process has file descriptors for other things too. */
const mostConnections = 512;

/** The one address whose answers never end. How many a person has of it is bounded elsewhere. */
const isStream = (address = ""): boolean => address.startsWith("/api/stream");

/**
 * Bounds the open connections of a server. If there is one too many, the one that has waited longest without a request
 * goes. If all are at work, the one goes whose answer has taken longest: what takes none of its answer keeps it for ever.
 * So neither connections that do nothing nor readers that hang lock anybody out. Returns a function that counts what is
 * open.
 */
export const boundConnections = (server: Server, most: number = mostConnections): (() => number) => {
  const idle = new Set<Socket>();
  const working = new Set<Socket>();
  const all = new Set<Socket>();
  const say = (socket: Socket) => {
    count("refusedConnections");
    const refusal = rawAnswer(503, "Service Unavailable", "too many connections are open: try again later");
    socket.end(refusal, () => socket.destroy());
  };
  server.on("connection", (socket: Socket) => {
    all.add(socket);
    idle.add(socket);
    // Somebody who is refused may be gone before the answer.
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      for (const sockets of [all, idle, working]) sockets.delete(socket);
    });
    if (all.size <= most) return;
    const [waiting] = [...idle].filter((other) => other !== socket);
    const [hanging] = working;
    const gone = waiting ?? hanging ?? socket;
    for (const sockets of [all, idle, working]) sockets.delete(gone);
    // In the middle of an answer nothing else can be said.
    if (gone === hanging) gone.destroy();
    else say(gone);
  });
  server.on("request", ({ socket, url }, response) => {
    idle.delete(socket);
    if (!isStream(url)) working.add(socket);
    response.once("close", () => {
      working.delete(socket);
      if (all.has(socket)) idle.add(socket);
    });
  });
  return () => all.size;
};

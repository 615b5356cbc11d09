import type { Server } from "node:http";
import type { Socket } from "node:net";
import { rawAnswer } from "./answers.ts";
import { count } from "./metrics.ts";

/** Open connections. A process has file descriptors for other things too. */
const mostConnections = 512;

/**
 * Bounds the open connections of a server. If there is one too many, the one that has waited longest without a request
 * goes; only if all are at work, the new one is refused. So connections that do nothing lock nobody out. Returns a
 * function that counts what is open.
 */
export const boundConnections = (server: Server, most: number = mostConnections): (() => number) => {
  const idle = new Set<Socket>();
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
      all.delete(socket);
      idle.delete(socket);
    });
    if (all.size <= most) return;
    const [oldest = socket] = idle;
    all.delete(oldest);
    idle.delete(oldest);
    say(oldest);
  });
  server.on("request", ({ socket }, response) => {
    idle.delete(socket);
    response.once("close", () => {
      if (all.has(socket)) idle.add(socket);
    });
  });
  return () => all.size;
};

import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** A way to a TCP server that can be cut, silenced, slowed and mended: what a network does to those who go through it. */
export interface TcpCut {
  /** `nats://127.0.0.1:PORT`, which leads to the server. */
  readonly url: string;
  readonly port: number;
  /** From now on nothing passes: what is connected breaks, and nobody gets through. */
  readonly cut: () => void;
  /** From now on nothing passes, and nobody is told, as in a network that drops packets. */
  readonly silence: () => void;
  /** From now on everything takes this many milliseconds more, in each direction. */
  readonly slow: (milliseconds: number) => void;
  /** Everything passes again. What was silent breaks, because bytes are missing in it. */
  readonly mend: () => void;
  readonly close: () => Promise<void>;
}

/** A forwarder to the server of a URL, by default on any free port of loopback. */
export const tcpCut = async (to: string, from = { port: 0, host: "127.0.0.1" }): Promise<TcpCut> => {
  const { hostname, port } = new URL(to);
  const sockets = new Set<Socket>();
  let mode: "open" | "cut" | "silent" = "open";
  let delay = 0;

  /** Passes on what comes, in order, whatever the delay was when it came. */
  const forward = (from: Socket, into: Socket) => {
    let underWay = 0;
    let last: Promise<unknown> = Promise.resolve();
    const write = (chunk: Buffer) => {
      if (!into.writable || into.write(chunk)) return;
      from.pause();
      into.once("drain", () => from.resume());
    };
    from.on("data", (chunk: Buffer) => {
      if (mode === "silent") return;
      if (delay === 0 && underWay === 0) return write(chunk);
      underWay += 1;
      const arrived = sleep(delay);
      last = last
        .then(() => arrived)
        .then(() => {
          underWay -= 1;
          write(chunk);
        });
    });
    from.on("end", () => into.end());
  };

  const server: Server = createServer((near) => {
    if (mode === "cut") return void near.destroy();
    const far = connect(Number(port), hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
      forward(socket, other);
    }
  });
  await new Promise<void>((listening) => server.listen(from.port, from.host, listening));
  const address = server.address();
  const own = typeof address === "object" && address !== null ? address.port : 0;
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `nats://127.0.0.1:${own}`,
    port: own,
    cut: () => {
      mode = "cut";
      breakAll();
    },
    silence: () => {
      mode = "silent";
    },
    slow: (milliseconds) => {
      delay = milliseconds;
    },
    mend: () => {
      if (mode === "silent") breakAll();
      mode = "open";
      delay = 0;
    },
    close: async () => {
      breakAll();
      await new Promise((closed) => server.close(closed));
    },
  };
};

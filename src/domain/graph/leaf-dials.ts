import { serverOfUrl } from "./addresses.ts";
import type { Node } from "./node.ts";
import { byText } from "./order.ts";

/** A bus that dials a server as a leaf node, and the port it dials. */
export interface LeafDial {
  readonly bus: string;
  readonly port: number;
}

/** Leaf nodes by the address or the id of the host that they dial, in the order of their ids. */
export const leafDials = (nodes: Iterable<Node>): ReadonlyMap<string, ReadonlyArray<LeafDial>> => {
  const dials = new Map<string, Array<LeafDial>>();
  const buses = [...nodes].filter((node) => node.type === "message-bus").sort(byText(({ id }) => id));
  for (const { id: bus, leafRemotes = [] } of buses)
    for (const { url } of leafRemotes) {
      const server = serverOfUrl(url);
      if (server === undefined) continue;
      const dial = { bus, port: server.port };
      const known = dials.get(server.host);
      if (known === undefined) dials.set(server.host, [dial]);
      else known.push(dial);
    }
  return dials;
};

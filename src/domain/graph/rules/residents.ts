import type { Node } from "../node.ts";
import type { Survey } from "../survey.ts";

/** The nodes on each host that has any, both sorted by id. */
export const residents = ({ nodes, placements }: Survey): ReadonlyMap<string, ReadonlyArray<Node>> => {
  const byHost = new Map<string, Array<Node>>();
  for (const [id, hosts] of placements) {
    const node = nodes.get(id);
    if (node === undefined) continue;
    for (const host of hosts) {
      const list = byHost.get(host);
      if (list === undefined) byHost.set(host, [node]);
      else list.push(node);
    }
  }
  for (const list of byHost.values()) list.sort((left, right) => (left.id < right.id ? -1 : 1));
  return new Map([...byHost].sort(([left], [right]) => (left < right ? -1 : 1)));
};

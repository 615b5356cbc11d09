/**
 * For each vertex of a directed graph the name of its strongly connected component: two vertices share one exactly if
 * each can be reached from the other. Tarjan's algorithm (SIAM J. Comput. 1, 1972), without recursion.
 */
export const componentsOf = (graph: ReadonlyMap<string, Iterable<string>>): ReadonlyMap<string, string> => {
  const component = new Map<string, string>();
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open: Array<string> = [];

  const lower = (vertex: string, to: number | undefined): void => {
    low.set(vertex, Math.min(low.get(vertex) ?? 0, to ?? Number.POSITIVE_INFINITY));
  };
  const enter = (vertex: string) => {
    index.set(vertex, index.size);
    low.set(vertex, index.size - 1);
    open.push(vertex);
    return { vertex, targets: (graph.get(vertex) ?? [])[Symbol.iterator]() };
  };
  const close = (root: string): void => {
    for (let vertex = open.pop(); vertex !== undefined; vertex = vertex === root ? undefined : open.pop())
      component.set(vertex, root);
  };

  for (const start of graph.keys()) {
    if (index.has(start)) continue;
    const path = [enter(start)];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { vertex } = top;
      const target = top.targets.next();
      if (target.done !== true) {
        if (!index.has(target.value)) path.push(enter(target.value));
        else if (!component.has(target.value)) lower(vertex, index.get(target.value));
        continue;
      }
      path.pop();
      if (low.get(vertex) === index.get(vertex)) close(vertex);
      const parent = path.at(-1);
      if (parent !== undefined) lower(parent.vertex, component.has(vertex) ? undefined : low.get(vertex));
    }
  }
  return component;
};

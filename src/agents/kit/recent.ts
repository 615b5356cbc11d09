/** The newest ids of a long run: older ones are forgotten. */
export interface Recent {
  readonly has: (id: string) => boolean;
  readonly add: (id: string) => void;
}

export const recent = (capacity = 10_000): Recent => {
  const ids = new Set<string>();
  return {
    has: (id) => ids.has(id),
    add: (id) => {
      ids.add(id);
      const [oldest] = ids;
      if (ids.size > capacity && oldest !== undefined) ids.delete(oldest);
    },
  };
};

/** The person that answers for each principal which has one. A person answers for themself. */
export type Owners = ReadonlyMap<string, string>;

/** Whether two principals are one pair of eyes: the same one, a person and their agent, or two agents of one person. */
export const isSameEyes = (one: string, other: string, owners: Owners): boolean =>
  (owners.get(one) ?? one) === (owners.get(other) ?? other);

import type { KnownPolicy } from "./contract.ts";
import { type Electorate, equalMembers } from "./electorate.ts";
import type { Excluded } from "./rounds.ts";

/** The person that answers for each principal which has one. A person answers for themself. */
export type Owners = ReadonlyMap<string, string>;

/** Whether two principals are one pair of eyes: the same one, a person and their agent, or two agents of one person. */
export const isSameEyes = (one: string, other: string, owners: Owners): boolean =>
  (owners.get(one) ?? one) === (owners.get(other) ?? other);

/** What is known of who may vote on a change of the rules. */
export interface KnownVoters {
  /** The policy in force for such changes. */
  readonly ruling: KnownPolicy;
  /** The people with the role `voter`. */
  readonly people: ReadonlyArray<string>;
  readonly owners: Owners;
}

/**
 * Returns who votes on a change of the rules: those whom the policy for such changes names, or the people who may. If
 * the policy wants four eyes, who proposes it does not, and nobody who is one pair of eyes with them.
 */
export const electorateFor = ({ ruling, people, owners }: KnownVoters, proposer: string): Electorate => {
  const all = ruling.document.electorate ?? equalMembers(people);
  return ruling.document.fourEyes === true ? all.filter(({ id }) => !isSameEyes(id, proposer, owners)) : all;
};

/**
 * The members of an electorate that are authors, or one pair of eyes with an author, and why. `authors` are what each
 * author did, in words that follow on its name.
 */
export const excludedFor = (
  electorate: Electorate,
  authors: ReadonlyMap<string, string>,
  owners: Owners,
): ReadonlyArray<Excluded> =>
  electorate.flatMap(({ id }): ReadonlyArray<Excluded> => {
    const act = authors.get(id);
    if (act !== undefined) return [{ id, reason: `\`${id}\` ${act}` }];
    const author = [...authors].find(([other]) => isSameEyes(id, other, owners));
    return author === undefined
      ? []
      : [{ id, reason: `\`${id}\` is one pair of eyes with \`${author[0]}\`, which ${author[1]}` }];
  });

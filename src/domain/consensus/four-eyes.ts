import type { KnownPolicy } from "./contract.ts";
import { type Electorate, equalMembers } from "./electorate.ts";
import type { Excluded } from "./rounds.ts";

/** The person responsible for each owned principal. People are responsible for themselves. */
export type Owners = ReadonlyMap<string, string>;

/**
 * Returns whether two principals count as one pair of eyes: the same one, a person and their agent, or two agents of
 * one person.
 */
export const isSameEyes = (one: string, other: string, owners: Owners): boolean =>
  (owners.get(one) ?? one) === (owners.get(other) ?? other);

/** What is known about the voters on a change of the rules. */
export interface KnownVoters {
  /** The policy in force for such changes. */
  readonly ruling: KnownPolicy;
  /** The people with the role `voter`. */
  readonly people: ReadonlyArray<string>;
  readonly owners: Owners;
}

/**
 * Returns the voters on a change of the rules: those that the policy for such changes names, or all people with the
 * role. If the policy requires four eyes, the proposer has no vote, nor has any principal that is one pair of eyes with
 * the proposer.
 */
export const electorateFor = ({ ruling, people, owners }: KnownVoters, proposer: string): Electorate => {
  const all = ruling.document.electorate ?? equalMembers(people);
  return ruling.document.fourEyes === true ? all.filter(({ id }) => !isSameEyes(id, proposer, owners)) : all;
};

/**
 * Returns the members of an electorate that are authors, or one pair of eyes with an author, with reasons. `authors`
 * maps each author to its act, in words that follow its name.
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

import { Effect, Schema } from "effect";
import { PublicKey } from "../agent/contract.ts";
import { Principal } from "../kernel/mod.ts";

/** What a member's ballot counts; at 0 they are heard, and change nothing. */
export const Weight = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));

/** One who may vote; `publicKey` is what they had registered to sign with when voting opened. */
export const Member = Schema.Struct({ id: Principal, weight: Weight, publicKey: Schema.optionalKey(PublicKey) });
export type Member = typeof Member.Type;

const namedOnce = <T>(idOf: (entry: T) => string) =>
  Schema.makeFilter<ReadonlyArray<T>>(
    (entries) => {
      const seen = new Set<string>();
      const twice = entries.map(idOf).find((id) => seen.size === seen.add(id).size);
      return twice === undefined ? undefined : `\`${twice}\` is in the electorate twice; name each voter once`;
    },
    { expected: "voters that are named once" },
  );

const Entry = Schema.Union([
  Principal,
  Schema.Struct({ id: Principal, weight: Weight.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))) }),
]);

const entryId = (entry: typeof Entry.Type): string => (typeof entry === "string" ? entry : entry.id);

/** An electorate as a proposer writes it: ids, each of weight 1, or ids with weights. */
export const RequestedElectorate = Schema.Array(Entry).check(namedOnce(entryId));

/** Who may vote, fixed in the event that opens voting: later joining, leaving or weight changes do nothing. */
export const Electorate = Schema.Array(Member).check(namedOnce((member) => member.id));
export type Electorate = typeof Electorate.Type;

/** What veto holders had registered to sign with when the proposal was submitted; who had nothing is not in it. */
export const VetoKeys = Schema.Array(Schema.Struct({ id: Principal, publicKey: PublicKey }));
export type VetoKeys = typeof VetoKeys.Type;

/** The keys of those who have one registered. */
export const keysOf = (ids: ReadonlyArray<string>, keys: ReadonlyMap<string, string> | undefined): VetoKeys =>
  ids.flatMap((id) => {
    const publicKey = keys?.get(id);
    return publicKey === undefined ? [] : [{ id, publicKey }];
  });

/** The members that a proposer named. */
export const membersOf = (requested: typeof RequestedElectorate.Type): Electorate =>
  requested.map((entry) => (typeof entry === "string" ? { id: entry, weight: 1 } : entry));

/** Whether anybody's ballot counts: otherwise nobody could ever decide. */
export const canDecide = (electorate: Electorate): boolean => electorate.some(({ weight }) => weight > 0);

/** Members of equal weight, none twice: the electorate where the proposer named none. */
export const equalMembers = (ids: ReadonlyArray<string>): Electorate =>
  [...new Set(ids)].map((id) => ({ id, weight: 1 }));

interface Index {
  readonly members: ReadonlyMap<string, Member>;
  readonly total: bigint;
}

/** Made once for each electorate: in a vote of thousands every ballot asks for it. */
const indices = new WeakMap<Electorate, Index>();

const indexOf = (electorate: Electorate): Index => {
  const known = indices.get(electorate);
  if (known !== undefined) return known;
  const members = new Map(electorate.map((member) => [member.id, member]));
  const made = { members, total: electorate.reduce((sum, { weight }) => sum + BigInt(weight), 0n) };
  indices.set(electorate, made);
  return made;
};

/** The member of this id, if there is one. */
export const memberOf = (electorate: Electorate, id: string): Member | undefined => indexOf(electorate).members.get(id);

/** What all ballots of an electorate would weigh. */
export const totalWeight = (electorate: Electorate): bigint => indexOf(electorate).total;

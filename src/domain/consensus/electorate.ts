import { Effect, Schema, Struct } from "effect";
import { PublicKey } from "../agent/contract.ts";
import { bounds, defined, List, Principal } from "../kernel/mod.ts";

/** The weight of a member's ballot. A member with weight 0 can take part, but its ballot changes nothing. */
export const Weight = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0));

/** A voter. `publicKey` is the signing key that the voter had registered when voting opened. */
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
export const RequestedElectorate = List(Entry, bounds.many).check(namedOnce(entryId));

/** The voters, fixed in the event that opens voting. Later joins, leaves and changes of weight have no effect. */
export const Electorate = Schema.Array(Member).check(namedOnce((member) => member.id));
export type Electorate = typeof Electorate.Type;

/**
 * The signing keys that veto holders had registered when the proposal was submitted. Holders without a key are not
 * listed.
 */
export const VetoKeys = Schema.Array(Schema.Struct({ id: Principal, publicKey: PublicKey }));
export type VetoKeys = typeof VetoKeys.Type;

/** Returns the keys of the principals that have registered one. */
export const keysOf = (ids: ReadonlyArray<string>, keys: ReadonlyMap<string, string> | undefined): VetoKeys =>
  ids.flatMap((id) => {
    const publicKey = keys?.get(id);
    return publicKey === undefined ? [] : [{ id, publicKey }];
  });

/** Returns the electorate with another key, or none, for one member. */
export const withKeyOf = (electorate: Electorate, voter: string, publicKey: string | undefined): Electorate =>
  electorate.map((member) =>
    member.id === voter ? { ...Struct.omit(member, ["publicKey"]), ...defined({ publicKey }) } : member,
  );

/** Returns the keys of veto holders with another key, or none, for `holder`. */
export const withVetoKeyOf = (keys: VetoKeys, holder: string, publicKey: string | undefined): VetoKeys => [
  ...keys.filter(({ id }) => id !== holder),
  ...(publicKey === undefined ? [] : [{ id: holder, publicKey }]),
];

/** Returns the members that a proposer listed. */
export const membersOf = (requested: typeof RequestedElectorate.Type): Electorate =>
  requested.map((entry) => (typeof entry === "string" ? { id: entry, weight: 1 } : entry));

/** Returns whether any ballot counts. An electorate without weight could never decide. */
export const canDecide = (electorate: Electorate): boolean => electorate.some(({ weight }) => weight > 0);

/** Returns the ids as members of weight 1, each once: the electorate if the proposer names none. */
export const equalMembers = (ids: ReadonlyArray<string>): Electorate =>
  [...new Set(ids)].map((id) => ({ id, weight: 1 }));

interface Index {
  readonly members: ReadonlyMap<string, Member>;
  readonly total: bigint;
}

/** Built once per electorate, because every ballot looks up its voter and votes may have thousands. */
const indices = new WeakMap<Electorate, Index>();

const indexOf = (electorate: Electorate): Index => {
  const known = indices.get(electorate);
  if (known !== undefined) return known;
  const members = new Map(electorate.map((member) => [member.id, member]));
  const made = { members, total: electorate.reduce((sum, { weight }) => sum + BigInt(weight), 0n) };
  indices.set(electorate, made);
  return made;
};

/** Returns the member of this id, if there is one. */
export const memberOf = (electorate: Electorate, id: string): Member | undefined => indexOf(electorate).members.get(id);

/** Returns the weight of all members together. */
export const totalWeight = (electorate: Electorate): bigint => indexOf(electorate).total;

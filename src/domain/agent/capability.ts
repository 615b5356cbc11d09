import { Schema } from "effect";
import { defined, List, type Role } from "../kernel/mod.ts";

/** A capability of an agent, in free text: `review`, `deploy`, `security`. */
export const Capability = Schema.NonEmptyString.check(Schema.isMaxLength(100));

/** A set of capabilities without duplicates. */
export const Capabilities = Schema.Array(Capability).check(Schema.isUnique());

/** The same within the bounds of a command. */
export const GivenCapabilities = List(Capability).check(Schema.isUnique());

/** A version of a capability: up to three numbers, `2`, `2.1` or `2.1.0`. Missing numbers are 0. */
export const CapabilityVersion = Schema.String.check(
  Schema.isPattern(/^\d{1,9}(\.\d{1,9}){0,2}$/u, { expected: "a version: 2, 2.1 or 2.1.0" }),
);

/** The version and the limit of an agent's capability. */
export const CapabilityDetails = Schema.Struct({
  version: Schema.optionalKey(CapabilityVersion),
  /** The number of tasks requiring it that the agent takes at once, within its `maxConcurrentTasks`. */
  maxConcurrent: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
});

/** A capability as an agent names it: its name alone, or with a version and a limit. */
export const OfferedCapability = Schema.Union([
  Capability,
  Schema.Struct({ name: Capability, ...CapabilityDetails.fields }),
]);
export type OfferedCapability = typeof OfferedCapability.Type;

const nameOf = (offered: OfferedCapability): string => (typeof offered === "string" ? offered : offered.name);

/** The capabilities that an agent offers, without duplicate names. */
export const OfferedCapabilities = List(OfferedCapability).check(
  Schema.makeFilter((offered) => new Set(offered.map(nameOf)).size === offered.length || "a capability is named twice"),
);

/** The details of capabilities, by name. */
export const DetailsByCapability = Schema.Record(Capability, CapabilityDetails);

/**
 * The abilities of an agent in the log: the names of its capabilities, which are used for matching, and the details of
 * some.
 */
export interface Ability {
  readonly capabilities: ReadonlyArray<string>;
  readonly capabilityDetails?: typeof DetailsByCapability.Type;
}

/** Returns the ability for the capabilities that an agent offers. */
export const abilityOf = (offered: ReadonlyArray<OfferedCapability>): Ability => {
  const details: Record<string, typeof CapabilityDetails.Type> = {};
  for (const capability of offered) {
    if (typeof capability === "string") continue;
    const { name, ...rest } = capability;
    if (Object.keys(rest).length > 0) details[name] = rest;
  }
  return defined({
    capabilities: offered.map(nameOf),
    capabilityDetails: Object.keys(details).length === 0 ? undefined : details,
  });
};

/**
 * Sensitive capabilities, with the role that an admin must have granted. For these, an agent's own claim is not enough.
 */
const roleForCapability: Readonly<Record<string, Role>> = {
  review: "voter",
  deploy: "deployer",
  monitor: "monitor",
};

/** Returns the role that a capability needs in every installation; undefined if it needs none. */
export const roleFor = (capability: string): Role | undefined =>
  Object.hasOwn(roleForCapability, capability) ? roleForCapability[capability] : undefined;

/** The grants of a principal, and the guarded capabilities of the installation. */
export interface Grants {
  readonly roles: ReadonlySet<Role>;
  /** The capabilities that an admin has granted. */
  readonly capabilities: ReadonlySet<string>;
  /** The capabilities that an agent cannot claim itself, besides those that need a role. */
  readonly guarded: ReadonlySet<string>;
}

/** Returns all capabilities that an agent claims, granted or not. */
export const namedBy = ({
  capabilities,
  askedFor = [],
}: {
  readonly capabilities: ReadonlyArray<string>;
  readonly askedFor?: ReadonlyArray<string>;
}): ReadonlyArray<string> => [...capabilities, ...askedFor];

/** Returns the claimed capabilities that are granted, and those that are not. */
export const grantedOf = (
  asked: ReadonlyArray<string>,
  { roles, capabilities, guarded }: Grants,
): { readonly capabilities: ReadonlyArray<string>; readonly askedFor?: ReadonlyArray<string> } => {
  const isGranted = (capability: string): boolean => {
    const role = roleFor(capability);
    return role === undefined ? !guarded.has(capability) || capabilities.has(capability) : roles.has(role);
  };
  const askedFor = asked.filter((capability) => !isGranted(capability));
  return askedFor.length === 0 ? { capabilities: asked } : { capabilities: asked.filter(isGranted), askedFor };
};

const numbersOf = (version: string): readonly [number, number, number] => {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  return [major, minor, patch];
};

/**
 * Returns whether an offered version satisfies a wanted one: the major number is the same, and it is not older
 * (Semantic Versioning). An agent that offers no version satisfies none.
 */
export const satisfies = (offered: string | undefined, wanted: string | undefined): boolean => {
  if (wanted === undefined) return true;
  if (offered === undefined) return false;
  const [major, minor, patch] = numbersOf(offered);
  const [wantedMajor, wantedMinor, wantedPatch] = numbersOf(wanted);
  return major === wantedMajor && (minor > wantedMinor || (minor === wantedMinor && patch >= wantedPatch));
};

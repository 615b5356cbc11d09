import type { CapabilityDetails, OfferedCapability } from "./contract.ts";

/** What an agent can do: the names, and the details of those that have any. */
export type Ability = {
  readonly capabilities: ReadonlyArray<string>;
  readonly capabilityDetails?: Readonly<Record<string, typeof CapabilityDetails.Type>>;
};

/** The ability that follows from what an agent offers. */
export const abilityOf = (offered: ReadonlyArray<OfferedCapability>): Ability => {
  const details: Record<string, typeof CapabilityDetails.Type> = {};
  for (const capability of offered) {
    if (typeof capability === "string") continue;
    const { name, ...rest } = capability;
    if (Object.keys(rest).length > 0) details[name] = rest;
  }
  const capabilities = offered.map((capability) => (typeof capability === "string" ? capability : capability.name));
  return { capabilities, ...(Object.keys(details).length === 0 ? {} : { capabilityDetails: details }) };
};

import { matchRoute, useLocation, useRouter } from "wouter";
import type { Page } from "../page.ts";
import { pages } from "../registry.ts";

/** A page with the parameters of its address. */
export interface Match {
  readonly page: Page;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The page of the present address; undefined if there is none. */
export const useMatch = (): Match | undefined => {
  const [location] = useLocation();
  const { parser } = useRouter();
  for (const page of pages) {
    const [matches, parameters] = matchRoute(parser, page.path, location);
    if (matches) return { page, parameters: namedOf(parameters) };
  }
  return undefined;
};

/** The parameters by name. The router has them by their number too. */
const namedOf = (parameters: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(parameters).flatMap(([name, value]) =>
      value === undefined || /^\d+$/.test(name) ? [] : [[name, value]],
    ),
  );

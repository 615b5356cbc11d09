import { Schema } from "effect";
import { Name } from "../kernel/mod.ts";

/** The scope of a freeze: everything, a graph or a host. */
export type Scope =
  | { readonly is: "everything" }
  | { readonly is: "graph"; readonly name: string }
  | { readonly is: "host"; readonly name: string };

const isName = Schema.is(Name);

/** Returns the scope of a freeze's id; undefined if the id is not one of a freeze. */
export const scopeOf = (id: string): Scope | undefined => {
  if (id === "everything") return { is: "everything" };
  const [, is, name = ""] = /^(graph|host)-(.*)$/u.exec(id) ?? [];
  return (is === "graph" || is === "host") && isName(name) ? { is, name } : undefined;
};

/** Returns the id of the freeze of a scope. */
export const freezeIdOf = (scope: Scope): string =>
  scope.is === "everything" ? scope.is : `${scope.is}-${scope.name}`;

/** Returns the scope of a freeze in words. */
export const scopeText = (id: string): string => {
  const scope = scopeOf(id);
  if (scope === undefined) return id;
  return scope.is === "everything" ? "everything" : `${scope.is} \`${scope.name}\``;
};

/** Returns the ids of all freezes that would hold back work on these hosts of a graph. */
export const freezesOn = ({
  graph,
  hosts,
}: {
  readonly graph?: string;
  readonly hosts: ReadonlyArray<string>;
}): ReadonlyArray<string> => [
  freezeIdOf({ is: "everything" }),
  ...(graph === undefined ? [] : [freezeIdOf({ is: "graph", name: graph })]),
  ...hosts.map((name) => freezeIdOf({ is: "host", name })),
];

/** The id of a freeze. */
export const FreezeId = Schema.String.check(
  Schema.makeFilter((id: string) => scopeOf(id) !== undefined, {
    expected: "`everything`, `graph-NAME` or `host-NAME`",
  }),
);

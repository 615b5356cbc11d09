import {
  apply,
  attributes,
  binding,
  boolean,
  type Expression,
  integer,
  list,
  nil,
  reference,
  string,
} from "./language/expression.ts";

/** JSON whose numbers are integers. */
type WholeJson = string | number | boolean | null | ReadonlyArray<WholeJson> | { readonly [name: string]: WholeJson };

/** JSON as a value of Nix. */
export const jsonValue = (value: WholeJson): Expression => {
  switch (typeof value) {
    case "string":
      return string(value);
    case "number":
      return integer(value);
    case "boolean":
      return boolean(value);
    default:
      if (value === null) return nil;
      if (isList(value)) return list(value.map(jsonValue));
      return attributes(Object.entries(value).map(([name, member]) => binding([name], jsonValue(member))));
  }
};

const isList = (value: object): value is ReadonlyArray<WholeJson> => Array.isArray(value);

/** The text of JSON, which Nix writes. */
export const jsonText = (value: WholeJson): Expression => apply(reference("builtins", "toJSON"), jsonValue(value));

import { type Binding, binding, boolean, string } from "../language/expression.ts";
import type { AgentSpecification, UnitGrant } from "./specification.ts";

/** Returns the rights of all agents of a host on its units, as one rule of polkit. */
export const agentGrants = (specifications: ReadonlyArray<AgentSpecification>): ReadonlyArray<Binding> => {
  const grants = specifications.flatMap((specification) => specification.grants);
  return grants.length === 0
    ? []
    : [
        binding("security.polkit.enable", boolean(true)),
        binding("security.polkit.extraConfig", string(unitRules(grants))),
      ];
};

/** Returns a rule of polkit(8) that grants exactly these rights. All JSON is JavaScript (ECMA-262, since 2019). */
const unitRules = (grants: ReadonlyArray<UnitGrant>): string => `(function () {
  var grants = [
${grants.map((grant) => `    ${JSON.stringify(grant)}`).join(",\n")}
  ];
  polkit.addRule(function (action, subject) {
    if (action.id !== "org.freedesktop.systemd1.manage-units") return polkit.Result.NOT_HANDLED;
    var unit = action.lookup("unit");
    var verb = action.lookup("verb");
    var granted = grants.some(function (grant) {
      return grant.user === subject.user && grant.units.indexOf(unit) >= 0 && grant.verbs.indexOf(verb) >= 0;
    });
    return granted ? polkit.Result.YES : polkit.Result.NOT_HANDLED;
  });
})();
`;

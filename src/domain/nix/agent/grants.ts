import type { ManagesEdge } from "../../graph/edge.ts";
import type { Management } from "../node-kind.ts";

/** What a user may do with units, as systemd tells polkit: its verbs for `org.freedesktop.systemd1.manage-units`. */
export interface UnitGrant {
  readonly user: string;
  readonly units: ReadonlyArray<string>;
  readonly verbs: ReadonlyArray<string>;
}

type Action = ManagesEdge["permissions"][number];

/** The other permissions are for programs to keep: systemd knows nothing of them. */
const verbsOf: Readonly<Partial<Record<Action, ReadonlyArray<string>>>> = {
  start: ["start"],
  stop: ["stop"],
  restart: ["restart", "try-restart"],
};

/** What an agent may do with the units of its host. */
export const grantsOf = (user: string, manages: ReadonlyArray<Management>): ReadonlyArray<UnitGrant> =>
  manages.flatMap(({ units, permissions }) => {
    const verbs = permissions.flatMap((permission) => verbsOf[permission] ?? []);
    return units.length === 0 || verbs.length === 0 ? [] : [{ user, units, verbs }];
  });

/** A rule of polkit(8) that grants exactly this. JSON is JavaScript, whatever is in it (ECMA-262, since 2019). */
export const unitRules = (grants: ReadonlyArray<UnitGrant>): string => `(function () {
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

import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { repairIdOf } from "../../../../domain/host/operation.ts";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Empty } from "../../design/empty.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import { withShortPaths } from "../../parts/short-paths.ts";
import classes from "./fleet.module.css";

type Host = DocumentOf<"hosts">;

/** What each kind of drift means, in the order of the board. */
const kinds = {
  closure: "runs another closure",
  boot: "would boot another closure",
  unit: "a unit has failed",
  unreachable: "does not answer",
} as const satisfies Record<Host["drifts"][number]["kind"], string>;
const kindNames = Object.keys(kinds) as ReadonlyArray<keyof typeof kinds>;

/** The drifts of a host of one kind: since when, what was seen, and the proposal to repair it. */
const Cell = ({ host, kind }: { readonly host: Host; readonly kind: keyof typeof kinds }) => {
  const found = host.drifts.filter((drift) => drift.kind === kind);
  if (found.length === 0) return <span className={classes.quiet}>–</span>;
  return found.map(({ drift, unit, since, detail }) => (
    <div key={drift}>
      <Badge state={unit ?? kind} tone={kind === "unreachable" ? "bad" : "warn"} /> <Age at={since} />
      <p className={classes.quiet}>
        <TextOf text={withShortPaths(detail)} />
      </p>
      {host.onDrift === "propose" && kind !== "unreachable" && (
        <To href={`/decisions/${repairIdOf(host.id, drift)}`}>
          Proposal<span className="unseen"> to repair {host.id}</span>
        </To>
      )}
    </div>
  ));
};

/** Hosts that are not what they should be, by the kind of difference. */
export const DriftBoard = ({ hosts }: { readonly hosts: ReadonlyArray<Host> }) => {
  const drifted = hosts.filter(({ drifts }) => drifts.length > 0);
  if (drifted.length === 0)
    return <Empty title="No host has drifted">Every host that is watched runs what it should.</Empty>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <section className={classes.scroll} tabIndex={0} aria-label="Drift board">
      <table className={classes.board}>
        <thead>
          <tr>
            <th scope="col">host</th>
            {kindNames.map((kind) => (
              <th key={kind} scope="col">
                {kinds[kind]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {drifted.map((host) => (
            <tr key={host.id}>
              <th scope="row">
                <To href={`/fleet/hosts/${host.id}`}>{host.id}</To>
              </th>
              {kindNames.map((kind) => (
                <td key={kind}>
                  <Cell host={host} kind={kind} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
};

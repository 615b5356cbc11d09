import { permissionsOf, shortened } from "../../contract/permissions.ts";
import { roles } from "../../domain/kernel/mod.ts";

/** What the server lets each role publish and subscribe to, as a table in Markdown, for `docs/security.md`. */
export const permissionsTable = (): string => {
  const byRole = roles.map((role) => {
    const { publish, subscribe } = permissionsOf([role]);
    const rows = [...shortened(publish).map((subject) => `publish \`${subject}\``)];
    return new Set([...rows, ...subscribe.map((subject) => `subscribe \`${subject}\``)]);
  });
  const rows = [...new Set(byRole.flatMap((allowed) => [...allowed]))];
  return [
    `| | ${roles.join(" | ")} |`,
    `| --- |${roles.map(() => " --- |").join("")}`,
    ...rows.map((row) => `| ${row} | ${byRole.map((allowed) => (allowed.has(row) ? "yes" : "")).join(" | ")} |`),
  ].join("\n");
};

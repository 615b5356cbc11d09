import { useMemo } from "react";
import { useQuery } from "../../data/query.ts";
import { Combobox } from "../../design/combobox.tsx";
import { sideOf } from "./side.ts";

/** Everything of the installation that can be compared, what changed last first. */
const useChoices = (left: string, right: string): ReadonlyArray<string> => {
  const graphs = useQuery("graphs", "list", { order: "newest", limit: 200 }).data?.items;
  const deployments = useQuery("deployments", "list", { order: "newest", limit: 200 }).data?.items;
  const hosts = useQuery("hosts", "list", { limit: 200 }).data?.items;
  const graph = [left, right].map(sideOf).find((side) => side?.kind === "graph");
  const id = graph?.kind === "graph" ? graph.graph : "";
  const versions = useQuery("graphs", "versions", { id, limit: 200 }, { enabled: id !== "" }).data?.items;
  return useMemo(
    () => [
      ...new Set([
        ...(id === "" ? [] : [`graphs/${id}`]),
        ...(versions ?? []).map(({ version }) => `graphs/${id}@${version}`),
        ...(graphs ?? []).flatMap((one) => [`graphs/${one.id}`, `running/${one.id}`]),
        ...(deployments ?? []).map((one) => `deployments/${one.id}`),
        ...(hosts ?? []).flatMap((one) => [`hosts/${one.id}/desired`, `hosts/${one.id}/observed`]),
        ...[left, right].filter((text) => text !== ""),
      ]),
    ],
    [id, versions, graphs, deployments, hosts, left, right],
  );
};

/** The two fields in which one chooses what is compared. */
export const Pick = ({
  left,
  right,
  onChange,
}: {
  readonly left: string;
  readonly right: string;
  readonly onChange: (left: string, right: string) => void;
}) => {
  const choices = useChoices(left, right);
  return (
    <>
      <Combobox
        label="Before"
        value={left === "" ? undefined : left}
        choices={choices}
        onChange={(next) => onChange(next ?? "", right)}
        placeholder="graphs/shop@12"
      />
      <Combobox
        label="After"
        value={right === "" ? undefined : right}
        choices={choices}
        onChange={(next) => onChange(left, next ?? "")}
        placeholder="deployments/shop-1"
      />
    </>
  );
};

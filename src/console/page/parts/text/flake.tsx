import { useQuery } from "../../data/query.ts";
import { Failure } from "../../design/failure.tsx";
import { FileBrowser } from "./file-browser.tsx";
import type { Files } from "./files.ts";

/** The files of the flake of a graph at a version; undefined while they come, or if there is no version. */
const useFlake = (graph: string, version: number | undefined): { readonly files?: Files; readonly error: unknown } => {
  const input = version === undefined ? { id: graph } : { id: graph, version };
  const { data, error } = useQuery("graphs", "flake", input, { enabled: version !== undefined });
  const files = version === undefined ? undefined : data?.files;
  return files === undefined ? { error } : { files, error };
};

/** A graph at a version. */
export interface GraphAt {
  readonly graph: string;
  readonly version: number;
}

/** The flake that a graph renders to at a version; with `before`, what became of the flake of that. */
export const Flake = ({ of, before }: { readonly of: GraphAt; readonly before?: GraphAt | undefined }) => {
  const after = useFlake(of.graph, of.version);
  const old = useFlake(before?.graph ?? of.graph, before?.version);
  const error = after.error ?? (before === undefined ? undefined : old.error);
  if (error !== undefined) return <Failure error={error} />;
  if (after.files === undefined || (before !== undefined && old.files === undefined)) return <div aria-busy="true" />;
  return <FileBrowser label={`Files of the flake of ${of.graph}`} files={after.files} before={old.files} />;
};

import { prometheusPort } from "../../../graph/node-types/monitoring.ts";
import { hostInUrl } from "../../host/addresses.ts";
import { jsonText, jsonValue } from "../../json.ts";
import {
  apply,
  attributes,
  type Binding,
  binding,
  boolean,
  integer,
  list,
  reference,
  string,
} from "../../language/expression.ts";
import { alertGroups } from "./alerts.ts";
import type { Observation, Scrape } from "./mod.ts";

/** Prometheus, with what it fetches and when it raises an alarm. Alarms are shown there: the graph names nobody to tell. */
export const prometheusOptions = ({ listen, retentionDays, scrapes, watched }: Observation): ReadonlyArray<Binding> =>
  [
    binding("enable", boolean(true)),
    binding("listenAddress", string(hostInUrl(listen.prometheus))),
    binding("port", integer(prometheusPort)),
    binding("retentionTime", string(`${retentionDays}d`)),
    binding("globalConfig.scrape_interval", string("30s")),
    binding("globalConfig.evaluation_interval", string("30s")),
    binding("scrapeConfigs", list([...Map.groupBy(scrapes, ({ job }) => job)].map(scrapeConfig))),
    binding(
      "ruleFiles",
      list([
        apply(reference("pkgs", "writeText"), string("cim-rules.json"), jsonText({ groups: alertGroups(watched) })),
      ]),
    ),
  ].map(({ path, value }) => binding(["services", "prometheus", ...path], value));

const scrapeConfig = ([job, scrapes]: readonly [string, ReadonlyArray<Scrape>]) =>
  attributes([
    binding("job_name", string(job)),
    binding(
      "static_configs",
      list(
        scrapes.map(({ host, node, target, through }) =>
          attributes([
            binding("targets", list([string(target)])),
            binding(
              "labels",
              jsonValue({
                host,
                ...(node === undefined ? {} : { node }),
                ...(through === undefined ? {} : { __metrics_path__: "/scrape", __param_target: through }),
              }),
            ),
          ]),
        ),
      ),
    ),
  ]);

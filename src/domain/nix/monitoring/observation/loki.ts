import { lokiGrpcPort, lokiPort } from "../../../graph/node-types/monitoring.ts";
import { loopback } from "../../host/network.ts";
import { type Binding, binding, boolean, jsonValue } from "../../language/expression.ts";
import type { Observation } from "./specification.ts";

const folder = "/var/lib/loki";

/** Returns the options of Loki. It keeps logs in files, for as long as Prometheus keeps metrics. */
export const lokiOptions = ({ listen, retentionDays }: Observation): ReadonlyArray<Binding> => [
  binding("services.loki.enable", boolean(true)),
  binding(
    "services.loki.configuration",
    jsonValue({
      // Everyone that the firewall admits may write.
      auth_enabled: false,
      server: {
        http_listen_address: listen.loki,
        http_listen_port: lokiPort,
        grpc_listen_address: loopback,
        grpc_listen_port: lokiGrpcPort,
      },
      common: {
        path_prefix: folder,
        replication_factor: 1,
        instance_addr: loopback,
        ring: { kvstore: { store: "inmemory" } },
        storage: { filesystem: { chunks_directory: `${folder}/chunks`, rules_directory: `${folder}/rules` } },
      },
      schema_config: {
        configs: [
          {
            from: "2024-01-01",
            store: "tsdb",
            object_store: "filesystem",
            schema: "v13",
            index: { prefix: "index_", period: "24h" },
          },
        ],
      },
      limits_config: { retention_period: `${retentionDays * 24}h` },
      compactor: {
        working_directory: `${folder}/compactor`,
        retention_enabled: true,
        delete_request_store: "filesystem",
      },
      analytics: { reporting_enabled: false },
    }),
  ),
];

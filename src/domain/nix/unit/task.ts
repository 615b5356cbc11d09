import {
  attributes,
  type Binding,
  binding,
  boolean,
  type Expression,
  integer,
  string,
  strings,
} from "../language/expression.ts";

/** A command of a host that ends. */
export interface Task {
  /** The unit, without its suffix. */
  readonly name: string;
  readonly description: string;
  /** Its order among other units, and the environment of its programs. */
  readonly settings?: ReadonlyArray<Binding>;
  /** Whether its unit stays up when it is done. Then it runs once while the host is up. */
  readonly remains?: boolean;
  /** Its user, if not root. */
  readonly user?: string;
  readonly serviceConfig?: ReadonlyArray<Binding>;
  /** The command line, or a list of them. */
  readonly command: Expression;
  /** The time, in seconds, after which it is tried again if it fails. Without it, it is not tried again. */
  readonly retrySeconds?: number;
}

/** The unit of a task (`Type=oneshot` in systemd.service(5)). */
export const taskOptions = (task: Task): Binding => {
  const { name, description, settings = [], remains = false, user, serviceConfig = [], command, retrySeconds } = task;
  return binding(
    ["systemd", "services", name],
    attributes([
      binding("description", string(description)),
      ...settings,
      binding(
        "serviceConfig",
        attributes([
          binding("Type", string("oneshot")),
          ...(remains ? [binding("RemainAfterExit", boolean(true))] : []),
          ...(user === undefined ? [] : [binding("User", string(user))]),
          ...serviceConfig,
          binding("ExecStart", command),
          ...(retrySeconds === undefined
            ? []
            : [binding("Restart", string("on-failure")), binding("RestartSec", integer(retrySeconds))]),
        ]),
      ),
    ]),
  );
};

/** Done before these units start, which do not start without it. */
export const beforeUnits = (units: ReadonlyArray<string>): ReadonlyArray<Binding> => [
  binding("before", strings(units)),
  binding("requiredBy", strings(units)),
];

/** Done when a server is up, because of another unit. */
export const afterServer = (server: string, because = "multi-user.target"): ReadonlyArray<Binding> => [
  binding("wantedBy", strings([because])),
  binding("after", strings([server])),
  binding("requires", strings([server])),
];

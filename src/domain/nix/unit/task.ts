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

/** A command on a host that runs to its end. */
export interface Task {
  /** The unit, without its suffix. */
  readonly name: string;
  readonly description: string;
  /** Its order among other units, and the environment of its programs. */
  readonly settings?: ReadonlyArray<Binding>;
  /** Whether its unit stays up after the command ends. If so, the task runs once while the host is up. */
  readonly remains?: boolean;
  /** Its user, if it is not root. */
  readonly user?: string;
  readonly serviceConfig?: ReadonlyArray<Binding>;
  /** The command line, or a list of them. */
  readonly command: Expression;
  /** The time, in seconds, after which a failed task runs again. If it is absent, the task does not run again. */
  readonly retrySeconds?: number;
}

/** Returns the unit of a task (`Type=oneshot` in systemd.service(5)). */
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

/** Returns the settings for a task that runs before these units start. If the task fails, they do not start. */
export const beforeUnits = (units: ReadonlyArray<string>): ReadonlyArray<Binding> => [
  binding("before", strings(units)),
  binding("requiredBy", strings(units)),
];

/** Returns the settings for a task that runs when a server is up. The unit `because` starts the task. */
export const afterServer = (server: string, because = "multi-user.target"): ReadonlyArray<Binding> => [
  binding("wantedBy", strings([because])),
  binding("after", strings([server])),
  binding("requires", strings([server])),
];

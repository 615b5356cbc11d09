import { type Binding, binding, string } from "../../language/expression.ts";
import { commandLine, specifiersEscaped } from "../../unit/command-line.ts";
import { programPath } from "../../unit/programs.ts";
import { redisUnit, socketOf } from "../../unit/redis-server.ts";
import { afterServer, taskOptions } from "../../unit/task.ts";
import type { RedisSpecification } from "./mod.ts";

const unitName = (id: string): string => `cim-${redisUnit(id)}-password`;

export const passwordUnit = (id: string): string => `${unitName(id)}.service`;

/**
 * The unit that gives a server its password every time it starts, if the operator has put one on the host. (NixOS would
 * not start the server without the file, and would write the password of what it copies into the store.)
 */
export const passwordOptions = ({ id, password }: RedisSpecification): ReadonlyArray<Binding> => {
  const server = `${redisUnit(id)}.service`;
  return [
    taskOptions({
      name: unitName(id),
      description: `Sets the password of ${id}`,
      settings: [
        ...afterServer(server, server),
        binding("unitConfig.ConditionPathExists", string(specifiersEscaped(password))),
      ],
      command: commandLine(programPath("redisPassword"), [password, socketOf(id)]),
    }),
  ];
};

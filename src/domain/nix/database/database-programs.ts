import { backupPrograms } from "./backup-programs.ts";
import { mongodbPrograms } from "./mongodb-programs.ts";
import { mysqlPrograms } from "./mysql-programs.ts";
import { postgresqlPrograms } from "./postgresql-programs.ts";
import { redisPrograms } from "./redis-programs.ts";
import { sqlitePrograms } from "./sqlite-programs.ts";

/** Small programs for databases. */
export const databasePrograms = {
  ...backupPrograms,
  ...postgresqlPrograms,
  ...mysqlPrograms,
  ...mongodbPrograms,
  ...redisPrograms,
  ...sqlitePrograms,
};

import { expect, test } from "@jest/globals";
import { backupsOf } from "../../../../../src/interfaces/cli/graph/backups.ts";
import { shop } from "../../../../support/dangers.ts";

test("each backup is named with its host, its folder and what restores it", () => {
  expect(backupsOf(shop)).toEqual([
    expect.objectContaining({
      node: "orders",
      host: "south",
      folder: "/var/backup/orders",
      restore: "systemctl start cim-restore-orders",
    }),
    expect.objectContaining({ node: "sessions", host: "north", folder: "/var/backup/sessions", engine: "redis" }),
  ]);
});

import { expect, test } from "@jest/globals";
import { checkFilter } from "../../../../src/interfaces/cli/views.ts";

test.each([
  ["agents", { status: "online" }],
  ["deployments", { graph: "shop", status: "succeeded" }],
  ["notes", { anything: 1 }],
])("a filter of %s that may fit is let through", (view, filter) => {
  expect(() => checkFilter(view, filter)).not.toThrow();
});

test.each([
  ["agents", { staus: "online" }, "--filter: agents have no field `staus`: did you mean `status`?"],
  ["agents", { status: "onlin" }, "--filter: `status` of agents is never `onlin`: did you mean `online`?"],
  ["deployments", { toString: 1 }, "--filter: deployments have no field `toString`: choose `id`,"],
])("a filter of %s that nothing can fit is refused, with what was meant", (view, filter, message) => {
  expect(() => checkFilter(view, filter)).toThrow(message);
});

import { expect, test } from "@jest/globals";
import * as internal from "@nats-io/nats-core/internal";
import * as transport from "@nats-io/transport-node/lib/node_transport.js";

/** The parts that `client-internals.ts` uses, and whether this version of the client has them. */
const parts = {
  "NatsConnectionImpl.connect": () => typeof internal.NatsConnectionImpl.connect === "function",
  setTransportFactory: () => typeof internal.setTransportFactory === "function",
  "MsgHdrsImpl.fromRecord": () => internal.MsgHdrsImpl.fromRecord({ "Nats-Msg-Id": ["1"] }).get("Nats-Msg-Id") === "1",
  nodeResolveHost: () => typeof transport.nodeResolveHost === "function",
  "NodeTransport.send": () => typeof transport.NodeTransport.prototype.send === "function",
  "NodeTransport.isClosed": () => new transport.NodeTransport().isClosed === false,
  "NodeTransport.socket": () => "socket" in new transport.NodeTransport(),
};

test.each(Object.entries(parts))("the NATS client has %s, which is not published", (name, isThere) => {
  let found = false;
  try {
    found = isThere();
  } catch {
    // A part that is gone throws when it is used.
  }
  const remedy = `this version of the NATS client has no ${name}: change src/infrastructure/nats/client-internals.ts`;
  expect(found ? "" : remedy).toBe("");
});

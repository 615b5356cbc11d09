import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type Installation, installation } from "../support/installation.ts";

let leaf: Installation;

beforeEach(async () => {
  leaf = await installation();
});

afterEach(() => leaf.dispose());

const graphs = 8;
const commandsEach = 60;

test("a nats-server that is killed and started under load loses no acknowledged command and applies none twice", async () => {
  await leaf.up("--no-agents");
  const { client, nats } = leaf;
  const ids = Array.from({ length: graphs }, (_, index) => `graph-${index}`);
  for (const id of ids) await client.command("graph", id, "import", { id, nodes: [], edges: [] });

  let acknowledged = 0;
  const load = Promise.all(
    ids.map(async (id) => {
      for (let index = 0; index < commandsEach; index++) {
        const node = { id: `n-${index}`, type: "service", command: "/bin/true" } as const;
        await client.command("graph", id, "add-node", { node }, { commandId: `${id}-${index}` });
        acknowledged += 1;
      }
    }),
  );
  for (const disturbance of [nats.kill, nats.stop]) {
    const before = acknowledged;
    while (acknowledged < before + 40) await new Promise((wake) => setTimeout(wake, 5));
    await disturbance();
    await nats.start();
  }
  await load;

  const commits = await leaf.log();
  for (const id of ids) {
    const ofGraph = commits.filter((commit) => commit.id === id).slice(1);
    expect(ofGraph.map(({ commandId }) => commandId)).toEqual(
      Array.from({ length: commandsEach }, (_, index) => `${id}-${index}`),
    );
  }
  const { position } = await client.command("graph", "after", "import", { id: "after", nodes: [], edges: [] });
  const { data } = await client.query("graphs", "get", { id: "graph-0" }, { minPosition: position });
  expect(data).toMatchObject({ nodes: { length: commandsEach } });
});

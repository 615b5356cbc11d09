import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { connect } from "../../../src/agents/kit/mod.ts";
import { Api, type Sharing, type Source } from "../../../src/console/client/mod.ts";
import { type HttpPort, openHttpPort } from "../../../src/interfaces/http/mod.ts";
import { ask, type Browser, logIn, openStream, type Reading } from "../../support/http.ts";
import { type TestLeaf, testLeaf } from "../../support/leaf.ts";
import { TestBrowser } from "../../support/tabs.ts";

let leaf: TestLeaf;
let http: HttpPort;
let ann: Browser;

const openPort = (port: number) => {
  const { url: servers, prefix } = leaf.nats;
  return openHttpPort({
    port,
    principal: "console",
    connectAs: (principal) => connect({ servers, prefix, principal }),
  });
};

beforeAll(async () => {
  leaf = await testLeaf();
  http = await openPort(0);
  ann = await logIn(http.link("ann"));
});

afterAll(async () => {
  await http?.close();
  await leaf?.dispose();
});

/** An `EventSource` over the wire: comes back with the last id, gives up if the answer is not a stream. */
const eventSource = (address: string): Source & { readonly cut: () => void } => {
  const listeners = new Map<string, (event: { readonly data?: string; readonly lastEventId?: string }) => void>();
  let reading: Reading | undefined;
  let readyState = 0;
  let lastEventId = "";
  const read = async () => {
    const headers = { Cookie: ann.cookie, ...(lastEventId === "" ? undefined : { "Last-Event-ID": lastEventId }) };
    reading = await openStream(http.port, address, headers).catch(() => undefined);
    if (reading === undefined) {
      readyState = 2;
      listeners.get("error")?.({});
      return;
    }
    readyState = 1;
    let given = 0;
    const give = () => {
      for (const { event, id, data } of reading?.frames.slice(given) ?? []) {
        if (id !== "") lastEventId = id;
        given += 1;
        if (readyState === 1) listeners.get(event)?.({ data: JSON.stringify(data), lastEventId });
      }
      return false;
    };
    void reading.frame(give);
    await reading.ended;
    if (readyState === 2) return;
    readyState = 0;
    listeners.get("error")?.({});
    setTimeout(() => void (readyState === 0 && read()), 100);
  };
  void read();
  return {
    get readyState() {
      return readyState;
    },
    addEventListener: (type, listener) => void listeners.set(type, listener),
    close: () => {
      readyState = 2;
      reading?.close();
    },
    cut: () => reading?.close(),
  };
};

const api = () =>
  new Api({
    newId: () => crypto.randomUUID(),
    wait: (milliseconds) => new Promise((wake) => setTimeout(wake, milliseconds)),
    fetch: async (address, { method = "GET", headers, body }) => {
      const sent = { ...ann.headers, ...Object(headers) };
      const answer = await ask(http.port, address, { method, headers: sent, body: String(body ?? "") });
      return new Response(answer.text, { status: answer.status });
    },
  });

const browser = () => {
  const sources: Array<ReturnType<typeof eventSource>> = [];
  const tabs = new TestBrowser(
    (address) => {
      const source = eventSource(address);
      sources.push(source);
      return source;
    },
    async () => (await api().session()) !== undefined,
  );
  return { tabs, sources };
};

/** Resolves when the store of a tab is as it should be. */
const until = ({ store }: Sharing, fits: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const end = store.subscribe(() => look());
    const look = () => {
      if (!fits()) return;
      end();
      resolve();
    };
    look();
  });

const versionIn = ({ store }: Sharing, id: string) => store.documents("graphs").get(id)?.version;

describe("tabs of a browser at a real server", () => {
  test("see what one of them does, over one stream, also after it was cut or its leader died", async () => {
    const { tabs, sources } = browser();
    const opened = Array.from({ length: 20 }, () => tabs.tab());
    for (const { sharing } of opened) sharing.follow("graphs");
    await Promise.all(opened.map(({ sharing }) => until(sharing, () => sharing.store.liveness.current)));
    expect((await ask(http.port, "/metrics")).text).toMatch(/^cim_http_streams 1$/m);

    const id = "seen-by-tabs";
    const all = (version: number) =>
      Promise.all(opened.map(({ sharing }) => until(sharing, () => versionIn(sharing, id) === version)));
    const { position } = await api().command("graph", id, "import", { id, nodes: [], edges: [] });
    await all(1);
    const { data } = await api().query("graphs", "get", { id }, { minPosition: position });
    expect(data.version).toBe(1);

    sources.at(-1)?.cut();
    await api().command("graph", id, "import", { id, description: "two", nodes: [], edges: [] });
    await all(2);

    const [leader] = opened.splice(
      opened.findIndex(({ sharing }) => sharing.isLeader),
      1,
    );
    leader?.kill();
    await api().command("graph", id, "import", { id, description: "three", nodes: [], edges: [] });
    await all(3);
    for (const { sharing } of opened) sharing.close();
  });

  test("are live again after the nats-server was killed", async () => {
    const { sharing } = browser().tabs.tab();
    sharing.follow("graphs");
    sharing.follow("feed");
    await until(sharing, () => sharing.store.liveness.current);
    await leaf.nats.kill();
    const id = "after-the-kill";
    const command = api().command("graph", id, "import", { id, nodes: [], edges: [] });
    await leaf.nats.start();
    // Sent again under the same id until the backend was back.
    await command;
    await until(sharing, () => versionIn(sharing, id) === 1);
    const events = sharing.store.events.filter(({ subject }) => subject === `graph/${id}`);
    expect(events.map(({ type }) => type)).toEqual(["cim.graph.graph-created.v1"]);
    sharing.close();
  });

  test("say that they are logged out when the console server has forgotten them", async () => {
    const { sharing } = browser().tabs.tab();
    sharing.follow("feed");
    await until(sharing, () => sharing.store.liveness.current);
    const { port } = http;
    await http.close();
    http = await openPort(port);
    await until(sharing, () => sharing.store.liveness.stream === "logged-out");
    sharing.close();
  });
});

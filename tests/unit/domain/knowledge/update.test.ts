import { expect, test } from "@jest/globals";
import fc from "fast-check";
import * as Y from "yjs";
import { entryText, recordsOf, updateBytes } from "../../../../src/domain/knowledge/update.ts";
import { fact } from "./fixtures.ts";

test("an update has the bytes that yjs itself would tell, whatever the text and wherever it stands", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
      fc.constantFrom(0, 1, 127, 128, 20_000),
      (objects, client, before) => {
        const document = new Y.Doc();
        document.clientID = client;
        if (before > 0) document.store.clients.set(client, [new Y.GC(Y.createID(client, 0), before)]);
        const told: Array<Uint8Array> = [];
        document.on("update", (update: Uint8Array) => void told.push(update));
        const entries = objects.map((object, at) => fact("s", `p${at}`, object));
        for (const entry of entries) recordsOf(document).set(entry.id, entryText(entry));
        expect(entries.map((entry, at) => updateBytes(entry, { client, clock: before + at }))).toEqual(told);
      },
    ),
  );
});

import { writeFile } from "node:fs/promises";
import { aggregates, digestOf, fileOf, type KeptVersion, keptOf, newSamples, problemWith } from "./event-samples.ts";

/**
 * Keeps samples of each new version of an event, and of an event that takes more than before: `npm run events`. What was
 * kept is never removed: there are logs that have it. If an event does not take any more what its version wrote, nothing
 * is written, because it needs a new version and an upcaster.
 */
const refused: Array<string> = [];

for (const { name, events } of aggregates) {
  const kept: Record<string, Record<string, KeptVersion>> = JSON.parse(JSON.stringify(await keptOf(name)));
  for (const [type, spec] of Object.entries(events)) {
    const versions = kept[type] ?? {};
    kept[type] = versions;
    const digest = digestOf(spec);
    const before = versions[spec.version];
    const problem = before?.samples.map((data) => problemWith(spec, data)).find((one) => one !== undefined);
    if (problem !== undefined)
      refused.push(
        `${name}.${type} does not take what its version ${spec.version} wrote (${problem}): give it a new version and an upcaster`,
      );
    if (before?.schemas.at(-1) === digest) continue;
    const drawn = await newSamples(`${name}.${type}`, spec);
    const wrong = drawn.map((data) => problemWith(spec, data)).find((one) => one !== undefined);
    if (drawn.length === 0 || wrong !== undefined) {
      refused.push(
        `${name}.${type} has no sample (${wrong ?? "none can be drawn"}): write one by hand in tests/support/event-samples.ts`,
      );
      continue;
    }
    versions[spec.version] = {
      schemas: [...(before?.schemas ?? []), digest],
      samples: [...(before?.samples ?? []), ...drawn],
    };
  }
  if (refused.length > 0) continue;
  await writeFile(fileOf(name), `${JSON.stringify(kept, undefined, 1)}\n`);
}
for (const line of refused) console.error(line);
if (refused.length > 0) process.exitCode = 1;

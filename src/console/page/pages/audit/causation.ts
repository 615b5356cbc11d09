import type { AuditEvent } from "../../../../contract/views/audit.ts";

/** An event in the tree of what followed from what. */
export interface CausationRow {
  readonly id: string;
  readonly event: AuditEvent;
  /** How many causes stand above it. */
  readonly depth: number;
}

/**
 * Returns the events as a tree, each below the event that caused it, in the order of the log. The events of one command
 * share a cause; what follows from any of them stands below that one. An event whose cause is not among them is a root.
 */
export const causationRows = (events: ReadonlyArray<AuditEvent>): ReadonlyArray<CausationRow> => {
  const known = new Set(events.map(({ eventId }) => eventId));
  const roots: Array<AuditEvent> = [];
  const effects = new Map<string, Array<AuditEvent>>();
  for (const event of events) {
    const { causationId } = event;
    const of = causationId !== undefined && known.has(causationId) ? (effects.get(causationId) ?? []) : roots;
    of.push(event);
    if (of !== roots && causationId !== undefined) effects.set(causationId, of);
  }
  const rows: Array<CausationRow> = [];
  const placed = new Set<string>();
  // A stack of its own: a chain of causes may be longer than the call stack.
  const stack = roots.toReversed().map((event) => ({ event, depth: 0 }));
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { event, depth } = next;
    if (placed.has(event.eventId)) continue;
    placed.add(event.eventId);
    rows.push({ id: event.eventId, event, depth });
    for (const effect of (effects.get(event.eventId) ?? []).toReversed())
      stack.push({ event: effect, depth: depth + 1 });
  }
  // Causes in a circle prove nothing, and hide nothing.
  for (const event of events) if (!placed.has(event.eventId)) rows.push({ id: event.eventId, event, depth: 0 });
  return rows;
};

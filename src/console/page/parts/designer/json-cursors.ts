import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";
import { visible } from "../../../../domain/kernel/visible.ts";
import type { Draft, Fields } from "../../../designer/draft.ts";
import { elementsOf } from "../../../designer/draft.ts";
import type { Others } from "./others.ts";

/** The names of others at the end of the line where what they are at begins. */
class NameTag extends WidgetType {
  readonly names: string;

  constructor(names: string) {
    super();
    this.names = names;
  }

  override eq(other: NameTag): boolean {
    return other.names === this.names;
  }

  override toDOM(): HTMLElement {
    const tag = document.createElement("span");
    tag.className = "cm-other";
    tag.textContent = ` ✎ ${visible(this.names)}`;
    tag.title = `${this.names} is here`;
    return tag;
  }
}

/** What one looks for in the text of a graph to find where an element begins. */
const beginning = ({ id, from }: Fields): string =>
  id === undefined ? `"from": ${JSON.stringify(from)}` : `"id": ${JSON.stringify(id)}`;

/** Says whom the text shows, and where in it they are. */
export const showOthers = StateEffect.define<{ readonly others: Others; readonly draft: Draft }>();

const tagsIn = (text: string, others: Others, draft: Draft): DecorationSet => {
  const elements = elementsOf(draft);
  const tags = [...others].flatMap(([key, names]) => {
    const element = elements.get(key);
    if (element === undefined) return [];
    // Nodes come before edges, and a node may have the name of an edge.
    const after = text.indexOf(element.kind === "node" ? '"nodes": [' : '"edges": [');
    const at = text.indexOf(beginning(element.fields), Math.max(0, after));
    const end = at < 0 ? -1 : text.indexOf("\n", at);
    if (end < 0) return [];
    return [Decoration.widget({ widget: new NameTag(names.join(", ")), side: 1 }).range(end)];
  });
  return Decoration.set(tags, true);
};

/** Shows who else is where in the text. */
export const jsonCursors = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (tags, transaction) => {
    const shown = transaction.effects.findLast((effect) => effect.is(showOthers));
    if (shown === undefined) return tags.map(transaction.changes);
    const { others, draft } = shown.value;
    return tagsIn(transaction.newDoc.toString(), others, draft);
  },
  provide: (field) => EditorView.decorations.from(field),
});

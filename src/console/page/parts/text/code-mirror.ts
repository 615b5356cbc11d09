import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";

/** The styles of CodeMirror are ours by the nonce of the page: the Content-Security-Policy allows no others. */
export const cspNonce = (): string =>
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ??
  document.querySelector<HTMLElement>("script[nonce], style[nonce], link[nonce]")?.nonce ??
  "";

/** A text that one reads, scrolls and copies by the keyboard too, and does not change. */
export const readOnly = (label: string): Extension => [
  EditorView.cspNonce.of(cspNonce()),
  lineNumbers(),
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  EditorView.contentAttributes.of({ "aria-label": label, "aria-readonly": "true", tabindex: "0" }),
];

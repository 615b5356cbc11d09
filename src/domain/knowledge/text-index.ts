/** Text that can be found: the words of a fact. */
export interface IndexedText {
  readonly id: string;
  readonly subject: string;
  readonly predicate: string;
  readonly object: string;
  readonly source: string;
}

/** A text that was found, with the words it was found by and the fields they are in. */
export interface TextHit {
  readonly id: string;
  readonly score: number;
  readonly matches: ReadonlyArray<{ readonly word: string; readonly fields: ReadonlyArray<string> }>;
}

/** A full-text index of facts. Facts never change, so that there is only adding to it. */
export interface TextIndex {
  readonly add: (texts: ReadonlyArray<IndexedText>) => void;
  /** The best `limit` texts that have any of the words, or similar ones, the best first. */
  readonly search: (words: ReadonlyArray<string>, limit: number) => ReadonlyArray<TextHit>;
}

import { useState } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { type Policy, Strategy, TrustModel } from "../../../../domain/knowledge/policy.ts";
import { useCommand } from "../../data/command.ts";
import { Check, Field, Select } from "../../design/field.tsx";
import { FormDialog } from "../../parts/form-dialog.tsx";

const isStrategy = (text: string): text is Strategy => Strategy.literals.some((one) => one === text);

const linesOf = (text: string): ReadonlyArray<string> =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** Reads lines such as `owned-by newest`. Undefined if one of them is something else. */
const singleValuedIn = (text: string): Policy["singleValued"] | undefined => {
  const read: Array<readonly [string, Strategy]> = [];
  for (const line of linesOf(text)) {
    const [predicate = "", strategy = "", ...more] = line.split(/\s+/);
    if (!isStrategy(strategy) || more.length > 0) return undefined;
    read.push([predicate, strategy]);
  }
  return Object.fromEntries(read);
};

/** The rules of a space: of which predicates a subject has one object only, signatures, synonyms, trust. */
export const RulesDialog = ({
  space: { id, policy, owner },
  onClose,
}: {
  readonly space: DocumentOf<"knowledge">;
  readonly onClose: () => void;
}) => {
  const [single, setSingle] = useState(() =>
    Object.entries(policy.singleValued)
      .map(([predicate, strategy]) => `${predicate} ${strategy}`)
      .join("\n"),
  );
  const [synonyms, setSynonyms] = useState(() => policy.synonyms.map((words) => words.join(", ")).join("\n"));
  const [requireSignatures, setRequireSignatures] = useState(policy.requireSignatures);
  const [trust, setTrust] = useState(policy.trust);
  const configure = useCommand("knowledge", "configure");
  const singleValued = singleValuedIn(single);
  const send = async () => {
    if (singleValued === undefined) return;
    const groups = linesOf(synonyms).map((line) => line.split(",").map((word) => word.trim()));
    const rules = { singleValued, synonyms: groups, requireSignatures, trust };
    if ((await configure.give(id, rules)) !== undefined) onClose();
  };
  return (
    <FormDialog
      title={`Rules of ${id}`}
      action="Set these rules"
      isReady={singleValued !== undefined}
      busy={configure.isPending}
      error={configure.error}
      onSend={() => void send()}
      onClose={onClose}
    >
      {owner === undefined && <p>Nobody owns this space yet: whoever sets its rules first does.</p>}
      <Field
        mono
        label="What can have one answer only"
        hint={`A line for each: what facts say, and how one of several is chosen (${Strategy.literals.join(", ")}).`}
        lines={4}
        placeholder="owned-by most-trusted"
        value={single}
        onChange={setSingle}
        problem={
          singleValued === undefined ? `each line is a word and one of ${Strategy.literals.join(", ")}` : undefined
        }
      />
      <Field
        mono
        label="Words that mean the same to the search"
        hint="A line for each group, with commas between its words."
        lines={3}
        placeholder="database, db, postgres"
        value={synonyms}
        onChange={setSynonyms}
      />
      <Select
        label="How trust in authors follows from evidence"
        value={trust}
        choices={TrustModel.literals}
        onChange={setTrust}
      />
      <Check
        label="Every record must be signed by its author"
        checked={requireSignatures}
        onChange={setRequireSignatures}
      />
    </FormDialog>
  );
};

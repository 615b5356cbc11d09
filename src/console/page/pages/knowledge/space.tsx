import { useMemo } from "react";
import { useSearchParams } from "wouter";
import { systemSpace } from "../../../../domain/knowledge/policy.ts";
import { WithDocument } from "../../data/documents.tsx";
import { useSession } from "../../data/session.tsx";
import { Badge } from "../../design/badge.tsx";
import { Empty } from "../../design/empty.tsx";
import { Check, Field, Select } from "../../design/field.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { Tabs } from "../../design/tabs.tsx";
import { To } from "../../design/to.tsx";
import { useScreen } from "../../frame/screen.tsx";
import { asks } from "../../page.ts";
import { useLater } from "../../parts/later.ts";
import { NewButton } from "../../parts/new-button.tsx";
import { Around } from "./around.tsx";
import { AssertDialog } from "./assert-dialog.tsx";
import { Facts } from "./facts.tsx";
import classes from "./knowledge.module.css";
import { RulesDialog } from "./rules-dialog.tsx";
import { Search } from "./search.tsx";

const hopChoices = ["1", "2", "3", "4", "5"] as const;

/** A field of the address that counts when one has stopped to type. */
const AddressField = ({ name, label }: { readonly name: string; readonly label: string }) => {
  const [params, setParams] = useSearchParams();
  const [text, setText] = useLater(params.get(name) ?? "", (value) =>
    setParams((before) => ({ ...Object.fromEntries(before), [name]: value }), { replace: true }),
  );
  return <Field label={label} type="search" value={text} onChange={setText} />;
};

/** What the command line and NATS ask for the same. */
const screenOf = (
  space: string,
  tab: string,
  of: { readonly q: string; readonly entity: string; readonly hops: number },
) => {
  const end = ["--space", space];
  if (tab === "search" && of.q !== "")
    return {
      cim: ["facts", "search", of.q, ...end],
      request: asks("knowledge", "search", { space, question: of.q }),
    };
  if (tab === "around" && of.entity !== "")
    return {
      cim: ["facts", "near", of.entity, "--hops", String(of.hops), ...end],
      request: asks("knowledge", "neighbours", { space, entity: of.entity, hops: of.hops }),
    };
  return { cim: ["facts", "list", ...end], request: asks("knowledge", "facts", { space }) };
};

/** A space of knowledge: its facts, a search with reasons, and what is around an entity. */
const Space = ({ id }: { readonly id: string }) => {
  const [params, setParams] = useSearchParams();
  const { principal: me } = useSession();
  const given = (name: string): string | undefined => params.get(name)?.trim() || undefined;
  const set = (name: string, value: string) =>
    setParams((before) => ({ ...Object.fromEntries(before), [name]: value }), { replace: true });
  const tab = given("tab") ?? "facts";
  const [q, entity, all] = [given("q") ?? "", given("entity") ?? "", given("all") === "yes"];
  const hops = hopChoices.find((choice) => choice === given("hops")) ?? "1";
  useScreen(useMemo(() => screenOf(id, tab, { q, entity, hops: Number(hops) }), [id, tab, q, entity, hops]));
  const facts = (
    <>
      <search className={classes.form} aria-label="Narrow the facts down">
        <AddressField name="subject" label="subject" />
        <AddressField name="predicate" label="says" />
        <AddressField name="author" label="by" />
        <Check label="also what was retracted or lost" checked={all} onChange={(on) => set("all", on ? "yes" : "")} />
      </search>
      <Facts space={id} subject={given("subject")} predicate={given("predicate")} author={given("author")} all={all} />
    </>
  );
  const search = (
    <>
      <search className={classes.form} aria-label="Search the facts">
        <AddressField name="q" label="What do you want to know?" />
      </search>
      {q === "" ? (
        <Empty title="Ask something">Words, synonyms and the facts around them lead to what is found.</Empty>
      ) : (
        <Search space={id} question={q} />
      )}
    </>
  );
  const around = (
    <>
      <search className={classes.form} aria-label="Whose neighbourhood">
        <AddressField name="entity" label="entity" />
        <Select label="facts away" value={hops} choices={hopChoices} onChange={(value) => set("hops", value)} />
      </search>
      {entity === "" ? (
        <Empty title="Name an entity">A host, a node, a deployment, a person: whatever facts are about.</Empty>
      ) : (
        <Around space={id} entity={entity} hops={Number(hops)} />
      )}
    </>
  );
  const content = { facts, search, around };
  const names = { facts: "Facts", search: "Search", around: "Around an entity" };
  return (
    <WithDocument view="knowledge" id={id} thing="space of knowledge">
      {(space) => (
        <>
          <PageHead
            title={id}
            actions={
              <>
                <To href={`/audit?aggregate=knowledge&id=${encodeURIComponent(id)}`}>Its whole history</To>
                {id !== systemSpace && (space.owner ?? me) === me && (
                  <NewButton name="Rules" kind="plain" command="knowledge.configure" how="change">
                    {(close) => <RulesDialog space={space} onClose={close} />}
                  </NewButton>
                )}
                <NewButton name="New fact" command="knowledge.assert-fact" how="change">
                  {(close) => <AssertDialog space={id} onClose={close} />}
                </NewButton>
              </>
            }
          >
            {space.votes.length > 0 && <Badge state={`${space.votes.length} conflicts are voted on`} tone="warn" />}
            <span className={classes.quiet}>
              {space.facts} facts, {space.retractions} retracted, {space.evidence} pieces of evidence
            </span>
          </PageHead>
          <Tabs
            label="Knowledge"
            value={tab}
            onChange={(next) => set("tab", next)}
            tabs={(Object.keys(content) as ReadonlyArray<keyof typeof content>).map((key) => ({
              key,
              name: names[key],
              content: key === tab && content[key],
            }))}
          />
        </>
      )}
    </WithDocument>
  );
};

export default Space;

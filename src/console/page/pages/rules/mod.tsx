import { useSearchParams } from "wouter";
import { useExceptions } from "../../data/exceptions.tsx";
import { Badge } from "../../design/badge.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { Tabs } from "../../design/tabs.tsx";
import { useScreen } from "../../frame/screen.tsx";
import { asks } from "../../page.ts";
import { Freezes } from "./freezes.tsx";
import { Policies } from "./policies.tsx";
import { Principals } from "./principals.tsx";

const tabs = {
  policies: {
    name: "Policies",
    content: <Policies />,
    screen: { cim: ["policies", "list"], request: asks("policies", "list", {}) },
  },
  principals: {
    name: "Who may do what",
    content: <Principals />,
    screen: { cim: ["principals", "list"], request: asks("principals", "list", { limit: 1_000 }) },
  },
  freezes: {
    name: "Freezes",
    content: <Freezes />,
    screen: { cim: ["freezes", "list"], request: asks("freezes", "list", { limit: 1_000 }) },
  },
} as const;
const isTab = (text: string | null): text is keyof typeof tabs => text !== null && Object.hasOwn(tabs, text);

/** The rules that hold: policies of votes, who may do what, and what is frozen; and how one changes them. */
const Rules = () => {
  const [params, setParams] = useSearchParams();
  const asked = params.get("tab");
  const tab = isTab(asked) ? asked : "policies";
  const { freezes, reviews } = useExceptions();
  useScreen(tabs[tab].screen);
  return (
    <>
      <PageHead title="Rules">
        {freezes.length > 0 && <Badge state={`${freezes.length} frozen`} tone="warn" />}
        {reviews.length > 0 && <Badge state={`${reviews.length} broken glass to review`} tone="bad" />}
      </PageHead>
      <Tabs
        label="Rules"
        value={tab}
        onChange={(next) => setParams((before) => ({ ...Object.fromEntries(before), tab: next }), { replace: true })}
        tabs={(Object.keys(tabs) as ReadonlyArray<keyof typeof tabs>).map((key) => ({
          key,
          name: tabs[key].name,
          content: key === tab && tabs[key].content,
        }))}
      />
    </>
  );
};

export default Rules;

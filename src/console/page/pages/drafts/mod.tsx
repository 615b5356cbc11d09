import { Empty } from "../../design/empty.tsx";
import { PageHead } from "../../design/page-head.tsx";

const Drafts = () => (
  <>
    <PageHead title="Drafts" />
    <Empty title="This page is being built" />
  </>
);

export default Drafts;

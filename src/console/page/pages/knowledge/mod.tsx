import { Empty } from "../../design/empty.tsx";
import { PageHead } from "../../design/page-head.tsx";

const Knowledge = () => (
  <>
    <PageHead title="Knowledge" />
    <Empty title="This page is being built" />
  </>
);

export default Knowledge;

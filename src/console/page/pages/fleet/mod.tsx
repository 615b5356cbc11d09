import { Empty } from "../../design/empty.tsx";
import { PageHead } from "../../design/page-head.tsx";

const Fleet = () => (
  <>
    <PageHead title="Fleet" />
    <Empty title="This page is being built" />
  </>
);

export default Fleet;

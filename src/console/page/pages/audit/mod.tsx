import { Empty } from "../../design/empty.tsx";
import { PageHead } from "../../design/page-head.tsx";

const Audit = () => (
  <>
    <PageHead title="Audit" />
    <Empty title="This page is being built" />
  </>
);

export default Audit;

import { Empty } from "../../design/empty.tsx";
import { PageHead } from "../../design/page-head.tsx";

const Plan = () => (
  <>
    <PageHead title="Plan" />
    <Empty title="This page is being built" />
  </>
);

export default Plan;

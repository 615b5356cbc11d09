/** The principal of the workflow's commands. */
export const workflowName = "deployment-workflow";

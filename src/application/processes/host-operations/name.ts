/** The principal of what is done because of drifts and wishes. */
export const operationsName = "host-operations";

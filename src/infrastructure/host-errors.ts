/**
 * The host did not answer; it may later. Agents, which know nothing of adapters, know this error by its name (see the
 * port `Operator`).
 */
export class HostUnreachable extends Error {
  override readonly name = "HostUnreachable";
}

/** The host answered, and the step could not be done: trying again does not help. Known by its name too. */
export class StepFailed extends Error {
  override readonly name = "StepFailed";
}

import { Option, Schema } from "effect";
import type { Client } from "../../agents/kit/mod.ts";

/** What the programs of a step have printed, told while they run. */
export const StepOutput = Schema.Struct({
  host: Schema.String,
  step: Schema.String,
  lines: Schema.Array(Schema.String),
});
export type StepOutput = typeof StepOutput.Type;

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(StepOutput));

/** Hears what the programs of a deployment print, until what it returns is called. What a server does not let us hear is missed. */
export const listenToSteps = (client: Client, deployment: string, hear: (output: StepOutput) => void): (() => void) => {
  const subscription = client.nats.subscribe(client.names.output("*", deployment), {
    callback: (error, message) => {
      const output = error === null ? Option.getOrUndefined(decode(message.string())) : undefined;
      if (output !== undefined) hear(output);
    },
  });
  return () => subscription.unsubscribe();
};

import { createStreamBody } from "#lib/contracts/streams.ts";
import { AppError } from "#lib/domain/errors.ts";
import { locateEndpoint } from "../serving/locate-endpoint.ts";
import { command } from "../command.ts";
import { newId } from "../new-id.ts";
import { streamTarget } from "./locate-stream.ts";

/** Puts an endpoint between two topics. Runtimes of the role `stream` take it up within seconds. */
export const createStream = command({
  name: "create-stream",
  permission: "stream:run",
  input: createStreamBody,
  locate: ({ tx, input }) => locateEndpoint(tx, { name: input.endpoint }),
  async run({ tx, actor, input, located: { endpoint, targets } }) {
    if (endpoint.pattern !== "online")
      throw new AppError("invalid_input", `${endpoint.name} is not an endpoint for requests: no records are routed to it.`, {
        errors: [{ pointer: "/endpoint", message: "Choose an endpoint that answers requests." }],
      });
    const { endpoint: _name, ...binding } = input;
    const id = newId();
    await tx.streams.insertStream({ ...binding, id, endpointId: endpoint.id, createdBy: actor.name });
    await tx.desired.bumpDesiredRevision();
    return {
      result: { id, name: input.name },
      notify: ["desired-state"],
      audit: { action: "stream.created", targets: [streamTarget({ id, name: input.name }), ...targets], after: binding },
    };
  },
});

import { z } from "zod";
import { reasonBody } from "#lib/contracts/batch.ts";
import { command, unchanged } from "../command.ts";
import { jobTarget } from "./locate-job.ts";
import { locateEndpoint } from "../serving/locate-endpoint.ts";

/**
 * Makes an output the one that readers get: the way back after a bad run, and forward again. Nothing is computed and nothing is lost:
 * outputs are kept as they were written. Needs one person and no approval, as every roll back.
 */
export const makeOutputCurrent = command({
  name: "make-batch-output-current",
  permission: "batch:run",
  input: reasonBody.extend({ outputId: z.uuid() }),
  async locate({ tx, input }) {
    const output = await tx.batch.getOutput(input.outputId);
    return { ...(await locateEndpoint(tx, { id: output.endpointId })), output };
  },
  async run({ tx, actor, input, now, located: { output, targets } }) {
    const current = (await tx.batch.currentOutputs(output.endpointId)).get(output.name);
    const result = { name: output.name, version: output.version };
    if (current?.outputId === output.id) return unchanged(result);
    const before = current === undefined ? null : await tx.batch.getOutput(current.outputId);
    await tx.batch.setCurrentOutput({ endpointId: output.endpointId, name: output.name, outputId: output.id, setBy: actor.name }, now);
    return {
      result,
      audit: {
        action: "batch.output_made_current",
        targets: [
          { type: "batch_output", id: output.id, name: `${output.name} v${output.version}`, digest: output.digest },
          jobTarget({ id: output.jobId, number: output.jobNumber }),
          ...targets,
        ],
        reason: input.reason,
        before: before === null ? null : { version: before.version, digest: before.digest },
        after: { version: output.version, digest: output.digest },
      },
    };
  },
});

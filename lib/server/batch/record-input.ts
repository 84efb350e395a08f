import { z } from "zod";
import { command } from "../command.ts";
import type { BatchInputRecord } from "../db/batch-repository.ts";

/** Notes a file of rows that lies in the store. Only `receiveBatchInput` calls it, with what it has read itself. */
export const recordBatchInput = command({
  name: "record-batch-input",
  permission: "batch:run",
  input: z.custom<BatchInputRecord>(),
  async run({ tx, actor, input }) {
    await tx.batch.saveInput(input, actor.name);
    return {
      result: { digest: input.digest },
      audit: {
        action: "batch.input_received",
        targets: [{ type: "batch_input", id: input.digest.slice("sha256:".length), name: input.name, digest: input.digest }],
        after: { name: input.name, format: input.format, rows: input.rows, sizeBytes: input.sizeBytes },
      },
    };
  },
});

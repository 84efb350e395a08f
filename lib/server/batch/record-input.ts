import { z } from "zod";
import type { Permission } from "#lib/domain/access/permissions.ts";
import { command } from "../command.ts";
import type { BatchInputRecord } from "../db/batch-repository.ts";

const recordRows = (name: string, permission: Permission) =>
  command({
    name,
    permission,
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

/** Notes a file of rows that lies in the store. Only `receive-input.ts` calls these, with what it has read itself. */
export const recordBatchInput = recordRows("record-batch-input", "batch:run");
export const recordEvaluationData = recordRows("record-evaluation-data", "version:evaluate");

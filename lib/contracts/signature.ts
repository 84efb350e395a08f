import { z } from "zod";
import { oipDatatypes } from "#lib/domain/artifact/types.ts";

/** Open Inference Protocol v2 tensor signature as the registry stores it and the runtime serves it. */

export const oipDatatype = z.enum(oipDatatypes);

export const tensorSignature = z.strictObject({
  name: z.string().min(1).max(512),
  datatype: oipDatatype,
  /** -1 = the size varies. */
  shape: z.array(z.number().int().min(-1).max(Number.MAX_SAFE_INTEGER)).max(16),
  /** Beside `shape`: the name the model gives a free dimension, else null. */
  dimNames: z.array(z.string().max(512).nullable()).max(16),
});

export const modelSignature = z.strictObject({
  /** Both empty where the file does not say what it takes and answers: a pickle. No runtime is asked to serve such a version. */
  inputs: z.array(tensorSignature).max(2048),
  outputs: z.array(tensorSignature).max(2048),
});

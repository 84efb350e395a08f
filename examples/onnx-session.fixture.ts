import { fileURLToPath } from "node:url";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { OipRequest } from "./replay.ts";

/** A model in this process, for tests only: the product loads models in processes of their own. */
export type OpenModel = {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Output values by name, row-major; integers and texts as text. */
  infer(
    request: OipRequest,
  ): Promise<Record<string, { shape: readonly number[]; data: (number | string)[] }>>;
  close(): Promise<void>;
};

export async function openModel(file: URL): Promise<OpenModel> {
  const session = await InferenceSession.create(fileURLToPath(file), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    async infer({ inputs }) {
      const feeds = Object.fromEntries(
        inputs.map(({ name, datatype, shape, data }) => [
          name,
          datatype === "BYTES"
            ? new Tensor(
                "string",
                data.map((value) => String(value ?? "")),
                shape,
              )
            : new Tensor(
                "float32",
                Float32Array.from(data, (value) => (value === null ? Number.NaN : Number(value))),
                shape,
              ),
        ]),
      );
      const found = await session.run(feeds);
      return Object.fromEntries(
        Object.entries(found).map(([name, { dims, data }]) => [
          name,
          {
            shape: dims,
            data: Array.from(data as Iterable<unknown>, (v) =>
              typeof v === "number" ? v : String(v),
            ),
          },
        ]),
      );
    },
    close: () => session.release(),
  };
}

import type * as OnnxRuntime from "onnxruntime-node";
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { OipDatatype } from "#lib/domain/artifact/types.ts";
import type { HostTensor, LoadMessage } from "./messages.ts";
import type { WireTensor } from "./tensor-bytes.ts";

const ORT_TYPES = {
  BOOL: "bool",
  UINT8: "uint8",
  UINT16: "uint16",
  UINT32: "uint32",
  UINT64: "uint64",
  INT8: "int8",
  INT16: "int16",
  INT32: "int32",
  INT64: "int64",
  FP16: "float16",
  FP32: "float32",
  FP64: "float64",
  BYTES: "string",
} as const satisfies Record<OipDatatype, OrtTensor.Type>;

const OIP_TYPES = new Map<string, OipDatatype>(
  Object.entries(ORT_TYPES).map(([oip, ort]) => [ort, oip as OipDatatype]),
);

/** A loaded model: signature as ONNX Runtime sees it, and one inference at a time. */
export type LoadedSession = {
  readonly inputs: readonly HostTensor[];
  readonly outputs: readonly HostTensor[];
  run(inputs: readonly WireTensor[], outputs: readonly number[] | null): Promise<WireTensor[]>;
  release(): Promise<void>;
};

/**
 * ONNX Runtime's JavaScript side, made to hold FP16 as 16-bit integers: with the engine's own Float16Array the 1.30 binding
 * miscounts the bytes ("not enough space: expected 4, got 0"). Only ever imported in a model host.
 */
async function importOnnxRuntime(): Promise<typeof OnnxRuntime> {
  Reflect.deleteProperty(globalThis, "Float16Array");
  return import("onnxruntime-node");
}

function describe(value: InferenceSession.ValueMetadata): HostTensor {
  if (!value.isTensor)
    throw new Error(
      `${value.name} is not a tensor (sequence, map or optional); it cannot be served.`,
    );
  const datatype = OIP_TYPES.get(value.type);
  if (datatype === undefined)
    throw new Error(`${value.name} has element type ${value.type}, which cannot be served.`);
  return {
    name: value.name,
    datatype,
    shape: value.shape.map((dim) => (typeof dim === "number" ? dim : -1)),
  };
}

/** The named values in the order of the names. Throws when the model has no such value. */
function pick(
  names: readonly string[],
  metadata: readonly InferenceSession.ValueMetadata[],
  what: string,
): HostTensor[] {
  return names.map((name) => {
    const value = metadata.find((one) => one.name === name);
    if (value === undefined)
      throw new Error(`The model file has no ${what} ${JSON.stringify(name)}.`);
    return describe(value);
  });
}

/** Loads the model by path: ONNX Runtime then reads external data only from the model's own directory. */
export async function loadSession({
  modelPath,
  intraOpThreads,
  executionProvider,
  inputNames,
  outputNames,
}: LoadMessage): Promise<LoadedSession> {
  const ort = await importOnnxRuntime();
  const session = await ort.InferenceSession.create(modelPath, {
    executionProviders: [executionProvider],
    intraOpNumThreads: intraOpThreads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    logSeverityLevel: 4,
    // Spinning threads burn the processor that the front process needs.
    extra: {
      session: {
        intra_op: { allow_spinning: "0" },
        inter_op: { allow_spinning: "0" },
        // What was to run elsewhere must not run on the processor without anybody being told.
        ...(executionProvider === "cpu" ? {} : { disable_cpu_ep_fallback: "1" }),
      },
    },
  });
  const inputs = pick(inputNames, session.inputMetadata, "input");
  const outputs = pick(outputNames, session.outputMetadata, "output");
  const unfed = session.inputNames.filter((name) => !inputNames.includes(name));
  if (unfed.length > 0)
    throw new Error(`The signature lacks the model's input ${unfed.join(", ")}.`);
  return {
    inputs,
    outputs,
    async run(tensors, wanted) {
      const feeds: Record<string, OrtTensor> = Object.create(null) as Record<string, OrtTensor>;
      inputNames.forEach((name, index) => {
        const tensor = tensors[index];
        if (tensor !== undefined)
          feeds[name] = new ort.Tensor(ORT_TYPES[tensor.datatype], tensor.data, tensor.shape);
      });
      const names = wanted === null ? outputNames : wanted.map((index) => outputNames[index] ?? "");
      const results = await session.run(feeds, names);
      return names.map((name) => {
        const tensor = results[name];
        const datatype = tensor === undefined ? undefined : OIP_TYPES.get(tensor.type);
        if (tensor === undefined || datatype === undefined)
          throw new Error(`The model gave no output ${name}.`);
        return { datatype, shape: tensor.dims, data: tensor.data };
      });
    },
    release: () => session.release(),
  };
}

/** ONNX Runtime refused the input before it ran the graph: the caller's fault, not the model's. */
export function isInputFault(message: string): boolean {
  return /^(Got invalid dimensions for input|Invalid rank for input|Unexpected input data type|Invalid Feed Input|input '.*' is missing)/.test(
    message,
  );
}

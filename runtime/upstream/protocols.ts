import { z } from "zod";
import type { DesiredUpstream } from "#lib/contracts/upstream.ts";
import type { ModelSignature, TensorSignature } from "#lib/domain/artifact/types.ts";
import type { WireTensor } from "../model-host/tensor-bytes.ts";
import { decodeValues } from "../oip/decode-values.ts";
import { encodeOutput, outputPrefix } from "../oip/encode-outputs.ts";
import { elementCount } from "../oip/tensor.ts";
import { fromNested, toNested } from "./nested-values.ts";

/** How one kind of server is spoken to: what is sent for some inputs, and what an answer means. */
export type UpstreamProtocol = {
  /** Path and body of an inference. */
  request(inputs: readonly WireTensor[]): { readonly path: string; readonly body: string };
  /** Outputs in the order of the signature. Throws when the answer is not what the signature says. */
  answer(document: unknown): WireTensor[];
  /** Asked before a version may serve; null where the server has no such question. */
  readonly readyPath: string | null;
};

/** Values of one answer beyond which it is refused. */
export const MAX_VALUES = 4_000_000;

const segment = (text: string): string => encodeURIComponent(text);

function missing(name: string): never {
  throw new Error(`The answer has no output ${name}.`);
}

const oipTensor = z.object({
  name: z.string(),
  datatype: z.string(),
  shape: z.array(z.number().int().nonnegative()).max(16),
  data: z.array(z.unknown()),
});
const oipAnswer = z.object({ outputs: z.array(oipTensor).max(1024) });

function oip({ inputs, outputs }: ModelSignature, { model, version }: DesiredUpstream): UpstreamProtocol {
  const at = `/v2/models/${segment(model)}${version === null ? "" : `/versions/${segment(version)}`}`;
  const prefixes = inputs.map(({ name, datatype }) => outputPrefix(name, datatype));
  const asked = JSON.stringify(outputs.map(({ name }) => ({ name })));
  return {
    readyPath: `${at}/ready`,
    request: (tensors) => {
      const texts = tensors.map((tensor, index) => encodeOutput(prefixes[index] ?? "", { ...tensor, name: inputs[index]?.name ?? "", nulls: null }));
      return { path: `${at}/infer`, body: `{"inputs":[${texts.join(",")}],"outputs":${asked}}` };
    },
    answer: (document) => {
      const given = oipAnswer.parse(document).outputs;
      return outputs.map(({ name, datatype }) => {
        const found = given.find((output) => output.name === name) ?? missing(name);
        if (found.datatype !== datatype) throw new Error(`Output ${name} is ${found.datatype.slice(0, 16)}; its signature says ${datatype}.`);
        const count = elementCount(found.shape);
        if (count < 0 || count > MAX_VALUES) throw new Error(`Output ${name} has a shape that cannot be.`);
        return { datatype, shape: found.shape, data: decodeValues(datatype, found.data, found.shape, count, JSON.stringify(name)).data };
      });
    },
  };
}

/** Columnar predict: `{"inputs": {name: lists}}`; a single output comes without its name. */
function tfServing({ inputs, outputs }: ModelSignature, { model, version }: DesiredUpstream): UpstreamProtocol {
  // A label is a name that TensorFlow Serving gives to a version; a number is the version itself.
  const named = version === null ? "" : /^\d+$/.test(version) ? `/versions/${version}` : `/labels/${segment(version)}`;
  const at = `/v1/models/${segment(model)}${named}`;
  return {
    readyPath: at,
    request: (tensors) => ({
      path: `${at}:predict`,
      body: JSON.stringify({ inputs: Object.fromEntries(tensors.map((tensor, index) => [inputs[index]?.name ?? "", toNested(tensor)])) }),
    }),
    answer: (document) => {
      const { outputs: given } = z.object({ outputs: z.unknown() }).parse(document);
      const byName = z.record(z.string(), z.unknown()).safeParse(given);
      return outputs.map(({ name, datatype }) => {
        const value = byName.success && !Array.isArray(given) ? byName.data[name] : outputs.length === 1 ? given : undefined;
        return value === undefined ? missing(name) : fromNested(datatype, value, MAX_VALUES);
      });
    },
  };
}

const onlyOutput = (outputs: readonly TensorSignature[]): TensorSignature => {
  const [output] = outputs;
  if (output === undefined || outputs.length !== 1) throw new Error("This kind of server answers models with one output only.");
  return output;
};

/** The JSON service envelope: `{"instances": rows}` to `{"predictions": rows}`. */
function torchServe({ outputs }: ModelSignature, { model, version }: DesiredUpstream): UpstreamProtocol {
  const output = onlyOutput(outputs);
  return {
    readyPath: "/ping",
    request: (tensors) => {
      const [tensor] = tensors;
      if (tensor === undefined || tensors.length !== 1) throw new Error("TorchServe takes models with one input only.");
      return { path: `/predictions/${segment(model)}${version === null ? "" : `/${segment(version)}`}`, body: JSON.stringify({ instances: toNested(tensor) }) };
    },
    answer: (document) => {
      const value = Array.isArray(document) ? document : z.object({ predictions: z.array(z.unknown()) }).parse(document).predictions;
      return [fromNested(output.datatype, value, MAX_VALUES)];
    },
  };
}

/** What lies at an RFC 6901 pointer; undefined where there is nothing. */
export function atPointer(document: unknown, pointer: string): unknown {
  let value = document;
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(value) && /^\d{1,9}$/.test(key)) value = value[Number(key)] as unknown;
    else if (typeof value === "object" && value !== null && Object.hasOwn(value, key)) value = new Map<string, unknown>(Object.entries(value)).get(key);
    else return undefined;
  }
  return value;
}

function json({ inputs, outputs }: ModelSignature, { mapping }: DesiredUpstream): UpstreamProtocol {
  if (mapping === null) throw new Error("A JSON endpoint needs a mapping.");
  return {
    readyPath: null,
    request: (tensors) => ({
      path: mapping.path,
      body: JSON.stringify(Object.fromEntries(tensors.map((tensor, index) => [mapping.inputs[inputs[index]?.name ?? ""] ?? inputs[index]?.name ?? "", toNested(tensor)]))),
    }),
    answer: (document) =>
      outputs.map(({ name, datatype }) => {
        const value = atPointer(document, mapping.outputs[name] ?? `/${name}`);
        return value === undefined ? missing(name) : fromNested(datatype, value, MAX_VALUES);
      }),
  };
}

const PROTOCOLS = { oip_http: oip, tf_serving: tfServing, torchserve: torchServe, json } as const;

/** The protocol of a server over HTTP for this model. Throws when the model does not fit it. */
export function protocolFor(signature: ModelSignature, upstream: DesiredUpstream): UpstreamProtocol {
  if (upstream.kind === "oip_grpc") throw new Error("This server is asked over gRPC.");
  return PROTOCOLS[upstream.kind](signature, upstream);
}

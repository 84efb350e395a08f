import type { ModelSignature } from "#lib/domain/artifact/types.ts";
import { tensor } from "#runtime/testing/desired.ts";
import { floats, longs, onnxModel, type Node } from "#runtime/testing/onnx-model.ts";

export type BenchModel = { readonly model: Buffer; readonly signature: ModelSignature };

/** Takes an image and answers its mean over the pixels: next to no work, so that what is measured is the way of the tensor. */
export function imageModel(): BenchModel {
  return {
    model: onnxModel({
      nodes: [{ op: "GlobalAveragePool", inputs: ["image"], outputs: ["mean"] }],
      inputs: [{ name: "image", type: "FP32", shape: ["N", 3, 224, 224] }],
      outputs: [{ name: "mean", type: "FP32", shape: ["N", 3, 1, 1] }],
    }),
    signature: {
      inputs: [tensor("image", "FP32", ["N", 3, 224, 224])],
      outputs: [tensor("mean", "FP32", ["N", 3, 1, 1])],
    },
  };
}

const LAYERS = [784, 3072, 3072, 2048, 10] as const;

/** Weights of the layers: 18.1 million. */
export const MLP_PARAMETERS = LAYERS.slice(1).reduce(
  (sum, width, index) => sum + width * (LAYERS[index] ?? 0),
  0,
);

/**
 * A multi-layer perceptron with 18.1 million parameters, bound by the memory that its weights have to be read from. The weights are
 * constants that ONNX Runtime makes when it loads the file, which so stays small.
 */
export function mlpModel(): BenchModel {
  const nodes: Node[] = [];
  const shapes = LAYERS.slice(1).map((width, layer) =>
    longs(`shape${layer}`, [2], [LAYERS[layer] ?? 0, width]),
  );
  LAYERS.slice(1).forEach((_, layer) => {
    const last = layer === LAYERS.length - 2;
    nodes.push(
      {
        op: "ConstantOfShape",
        inputs: [`shape${layer}`],
        outputs: [`weights${layer}`],
        attributes: { value: { tensor: floats("value", [1], [0.001]) } },
      },
      {
        op: "MatMul",
        inputs: [layer === 0 ? "x" : `hidden${layer - 1}`, `weights${layer}`],
        outputs: [last ? "y" : `sum${layer}`],
      },
    );
    if (!last) nodes.push({ op: "Relu", inputs: [`sum${layer}`], outputs: [`hidden${layer}`] });
  });
  return {
    model: onnxModel({
      nodes,
      initializers: shapes,
      inputs: [{ name: "x", type: "FP32", shape: ["N", 784] }],
      outputs: [{ name: "y", type: "FP32", shape: ["N", 10] }],
    }),
    signature: {
      inputs: [tensor("x", "FP32", ["N", 784])],
      outputs: [tensor("y", "FP32", ["N", 10])],
    },
  };
}

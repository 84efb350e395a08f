import type { ArtifactInspection, OnnxInspection } from "./types.ts";

/** Whether a version could run somewhere else, and what it would lose or gain there. Told from its bytes and the published limits of each server. */
export type PortabilityRow = { readonly where: string; readonly fit: "yes" | "perhaps" | "no"; readonly note: string };
export type Portability = { readonly portability: PortabilityRow[]; readonly lockIn: string };

const row = (where: string, fit: PortabilityRow["fit"], note: string): PortabilityRow => ({ where, fit, note });

export function portabilityOf(inspection: ArtifactInspection): Portability {
  const portability = rowsOf(inspection);
  const open = portability.filter(({ fit }) => fit === "yes").length;
  const lockIn = open >= 3 ? "Low: it can move to another server without being changed." : open >= 1 ? "Moderate: few servers take it as it is." : "High: one server or a conversion is needed.";
  return { portability, lockIn };
}

function rowsOf(inspection: ArtifactInspection): PortabilityRow[] {
  switch (inspection.format) {
    case "onnx":
      return onnxRows(inspection);
    case "savedmodel":
      return [
        row("Bundled runtime", "no", "It does not run TensorFlow graphs. Convert with tf2onnx."),
        row("TensorFlow Serving", "yes", "Its own format. Versions are switched by labels, weights are not."),
        row("Triton", "yes", "With the TensorFlow backend; adds batching and GPU."),
        row("Managed endpoints", "yes", "SageMaker, Vertex AI and Azure ML have images for it."),
        row("TensorRT", "perhaps", "Through TF-TRT or ONNX; operators it lacks stay in TensorFlow."),
      ];
    case "pmml":
      return [
        row("Bundled runtime", "no", "It does not evaluate PMML."),
        row("JPMML evaluator", "yes", inspection.foreignFunctions.length > 0 ? "Needs the functions it applies to be installed there." : "Checks ranges and missing values by itself, as the document says."),
        row("Triton, CUDA, TensorRT", "no", "No backend reads PMML. Export the model as ONNX."),
        row("Managed endpoints", "perhaps", "In a container of your own."),
      ];
    case "pickle":
      return [
        row("Bundled runtime", "no", "It never loads a pickle."),
        row("MLServer or TorchServe", "perhaps", `In a container of its own, with ${inspection.framework ?? "its library"} ${inspection.frameworkVersion ?? "of the same version"}; loading it runs code.`),
        row("Triton", "perhaps", "Through its Python backend, which runs code as well."),
        row("Managed endpoints", "perhaps", "In an image with the same library version; loading it runs code there too."),
      ];
  }
}

/** Operators of ai.onnx.ml have CPU kernels only in onnxruntime; TensorRT's parser reads none of them. */
const isClassic = ({ operators }: OnnxInspection): boolean => operators.some(({ domain }) => domain === "ai.onnx.ml");
const hasTexts = ({ inputs }: OnnxInspection): boolean => inputs.some(({ elementType }) => elementType === "string");

function onnxRows(inspection: OnnxInspection): PortabilityRow[] {
  const classic = isClassic(inspection);
  const texts = hasTexts(inspection);
  const contributed = inspection.operators.some(({ domain }) => domain === "com.microsoft");
  const cpuOnly = classic ? "Trees and classic models have no GPU kernels: it would run on the CPU there, no faster." : texts ? "Text inputs stay on the CPU." : null;
  return [
    row("Bundled runtime (ONNX, CPU)", "yes", "As it is."),
    row("onnxruntime with CUDA", cpuOnly === null ? "yes" : "perhaps", cpuOnly ?? "Gains throughput for large batches; answers may differ in the last digits."),
    row("TensorRT", classic || texts || contributed ? "no" : "perhaps", classic ? "Its parser does not read ai.onnx.ml operators." : texts ? "It takes no text inputs." : contributed ? "It does not read com.microsoft operators." : "Gains latency; shapes must be fixed or profiled, and a build belongs to one kind of GPU."),
    row("Triton (ONNX Runtime backend)", "yes", "As it is; adds gRPC streaming and several models on one GPU."),
    row("Managed endpoints", "yes", "SageMaker, Vertex AI and Azure ML run it in an image with onnxruntime; contract checks stay with the router here."),
  ];
}

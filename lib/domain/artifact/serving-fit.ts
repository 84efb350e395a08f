import type { ArtifactInspection, Finding } from "./types.ts";

export const artifactKinds = ["onnx", "pmml", "savedmodel", "pickle"] as const;
export type ArtifactKind = (typeof artifactKinds)[number];

/** Whether the bundled runtime serves a format; where it does not: why, and what could. */
export type ServingFit =
  | { readonly isServed: true }
  | { readonly isServed: false; readonly reason: string; readonly couldServe: readonly string[]; readonly hint: string };

const fits: Readonly<Record<ArtifactKind, ServingFit>> = {
  onnx: { isServed: true },
  pmml: {
    isServed: false,
    reason: "The bundled runtime does not evaluate PMML.",
    couldServe: ["a JPMML evaluator such as Openscoring"],
    hint: "Convert the model to ONNX, or serve it with a JPMML evaluator as an external target.",
  },
  savedmodel: {
    isServed: false,
    reason: "The bundled runtime does not run TensorFlow graphs.",
    couldServe: ["TensorFlow Serving", "Triton with the TensorFlow backend"],
    hint: "Convert it with python -m tf2onnx.convert --saved-model DIR, or serve it with TensorFlow Serving as an external target.",
  },
  pickle: {
    isServed: false,
    reason: "A pickle runs code when it is loaded, so no runtime of Slipway loads one. It may be released only to an isolated external server, with a signed risk acceptance, and no such server is set up here.",
    couldServe: ["MLServer (scikit-learn, XGBoost, LightGBM) or TorchServe, in a container of its own"],
    hint: "Export the model as ONNX: skl2onnx for scikit-learn, torch.onnx.export for PyTorch.",
  },
};

/** What becomes of a version of this format. A format that is not known is served by nothing. */
export function servingFit(format: string): ServingFit {
  return isKind(format) ? fits[format] : { isServed: false, reason: `Nothing here serves the format ${format}.`, couldServe: [], hint: "Export the model as ONNX." };
}

const isKind = (format: string): format is ArtifactKind => (artifactKinds as readonly string[]).includes(format);

/** The finding that says at registration what will be refused at release. */
export function servingFinding(inspection: ArtifactInspection): Finding[] {
  const fit = servingFit(inspection.format);
  if (fit.isServed) return [];
  return [
    {
      code: "not_served_here",
      severity: "note",
      title: "Registered, not served here",
      message: `${fit.reason} It can be registered, reviewed and approved; a release of it is refused.`,
      hint: `${fit.hint} It could be served by ${fit.couldServe.join(", or ")}.`,
    },
  ];
}

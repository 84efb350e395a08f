import type { ArtifactInspection } from "./types.ts";

type Format = ArtifactInspection["format"];

/** What an engineer declares by naming the file. Archives are how a SavedModel directory travels. */
const EXTENSIONS: Readonly<Record<string, Format>> = {
  onnx: "onnx",
  pmml: "pmml",
  xml: "pmml",
  pb: "savedmodel",
  zip: "savedmodel",
  tar: "savedmodel",
  tgz: "savedmodel",
  gz: "savedmodel",
  pkl: "pickle",
  pickle: "pickle",
  joblib: "pickle",
  pt: "pickle",
  pth: "pickle",
};

/** The format that a file's name declares; null when its extension names none. */
export function declaredFormat(fileName: string): Format | null {
  const dot = fileName.lastIndexOf(".");
  const extension = dot < 0 ? "" : fileName.slice(dot + 1).toLowerCase();
  return Object.hasOwn(EXTENSIONS, extension) ? (EXTENSIONS[extension] ?? null) : null;
}

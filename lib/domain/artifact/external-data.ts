import { quoted } from "./settle-onnx-tensor.ts";
import type { OnnxDraft } from "./onnx-draft.ts";
import type { ExternalFile, Finding, OnnxExternalFile } from "./types.ts";

/** The only form of file name that a model may refer to: no separator, no drive, no control character, no leading dot. */
const bareFileName = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;

export function isBareFileName(name: string): boolean {
  return bareFileName.test(name);
}

/**
 * Holds every external reference of the file (main graph, subgraphs, functions, attributes, sparse tensors, training graphs) against the files
 * that came with it. Whatever is not a bare name of one of them is refused: the loader would otherwise read any file the process can.
 * Background: CVE-2022-25882, CVE-2024-27318, CVE-2026-34446.
 */
export function checkExternalData(
  draft: OnnxDraft,
  uploaded: readonly ExternalFile[],
): { readonly files: readonly OnnxExternalFile[]; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const files: OnnxExternalFile[] = [];
  const sizes = new Map(uploaded.map((file) => [file.name, file.sizeBytes]));
  const unsafe: string[] = [];
  const missing: string[] = [];
  for (const [location, reference] of draft.externals) {
    const size = sizes.get(location);
    if (!isBareFileName(location)) unsafe.push(location);
    else if (size === undefined) missing.push(location);
    else {
      files.push({ name: location, tensors: reference.tensors, usedBytes: reference.endBytes });
      if (reference.endBytes > size) findings.push(tooShort(location, reference.endBytes, size));
    }
  }
  if (unsafe.length > 0) findings.push(unsafeLocations(unsafe));
  if (missing.length > 0) findings.push(missingFiles(missing));
  const unused = uploaded
    .filter((file) => !draft.externals.has(file.name))
    .map((file) => file.name);
  if (unused.length > 0) findings.push(unusedFiles(unused));
  if (files.length > 0) findings.push(usedFiles(files));
  return { files, findings };
}

function usedFiles(files: readonly OnnxExternalFile[]): Finding {
  const tensors = files.reduce((sum, file) => sum + file.tensors, 0);
  return {
    code: "external_data",
    severity: "note",
    title: "Weights beside the file",
    message: `${tensors} ${tensors === 1 ? "tensor is" : "tensors are"} read from ${list(files.map((file) => file.name))}, uploaded with the model.`,
    hint: null,
  };
}

function unsafeLocations(locations: readonly string[]): Finding {
  return {
    code: "external_location_unsafe",
    severity: "block",
    title: "Reads outside its folder",
    message: `The model reads weights from ${list(locations.map(quoted))}. Only a bare file name uploaded with the model is allowed.`,
    hint: "Save the model with all weights inside, or with external data in one file beside it, and upload both.",
  };
}

function missingFiles(names: readonly string[]): Finding {
  return {
    code: "external_file_missing",
    severity: "block",
    title: "Weights are missing",
    message: `The model reads weights from ${list(names)}, which did not come with it.`,
    hint: `Upload ${names.length === 1 ? "that file" : "those files"} as "external" beside the model.`,
  };
}

function tooShort(name: string, needed: number, size: number): Finding {
  return {
    code: "external_file_short",
    severity: "block",
    title: "Weights file too short",
    message: `The model reads ${name} up to byte ${needed}; the file has ${size} bytes.`,
    hint: "Upload the file that was saved together with this model.",
  };
}

function unusedFiles(names: readonly string[]): Finding {
  return {
    code: "external_file_unused",
    severity: "warn",
    title: "File without use",
    message: `${list(names)} came with the model, but no tensor of it reads ${names.length === 1 ? "it" : "them"}.`,
    hint: "Leave the file out, or check that this is the right model file.",
  };
}

/** At most five names, then how many more. */
export function list(names: readonly string[]): string {
  const shown = names.slice(0, 5);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(", ")} and ${more} more`;
  const last = shown.at(-1) ?? "";
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(", ")} and ${last}`;
}

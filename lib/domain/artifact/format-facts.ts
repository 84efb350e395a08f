import type { PickleInspection } from "./pickle/types.ts";
import type { PmmlInspection } from "./pmml/types.ts";
import type { SavedModelInspection } from "./savedmodel/types.ts";

export type InspectionFact = { readonly label: string; readonly value: string };

export const group = (value: number): string => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
const counted = (count: number, one: string, many: string): string => `${group(count)} ${count === 1 ? one : many}`;
const fact = (label: string, value: string): InspectionFact => ({ label, value });
const mebibytes = (bytes: number): string => (bytes < 1_048_576 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`);

/** What was read from a PMML document, a SavedModel or a pickle, in a few rows. */
export function formatFacts(inspection: PmmlInspection | SavedModelInspection | PickleInspection): readonly InspectionFact[] {
  switch (inspection.format) {
    case "pmml":
      return pmmlFacts(inspection);
    case "savedmodel":
      return savedModelFacts(inspection);
    case "pickle":
      return pickleFacts(inspection);
  }
}

function pmmlFacts(pmml: PmmlInspection): InspectionFact[] {
  const producer = `${pmml.producerName} ${pmml.producerVersion}`.trim();
  const inner = pmml.models.filter(({ element, count }) => element !== pmml.modelElement || count > 1);
  const active = pmml.miningFields.filter(({ usage }) => usage === "active").length;
  return [
    fact("Format", `PMML ${pmml.version}`),
    fact("Made by", producer === "" ? "not stated in the file" : producer),
    fact("Model", `${pmml.modelElement}, ${pmml.functionName || "function not stated"}${pmml.algorithm === "" ? "" : `, ${pmml.algorithm}`}`),
    ...(inner.length === 0 ? [] : [fact("Inside", inner.slice(0, 4).map(({ element, count }) => `${element} ${group(count)}`).join(", "))]),
    fact("Fields", `${counted(active, "input", "inputs")} of ${counted(pmml.fields.length, "declared field", "declared fields")}, ${counted(pmml.derivedFieldCount, "derived field", "derived fields")}`),
    ...(pmml.targets.length === 0 ? [] : [fact("Target", pmml.targets.slice(0, 5).join(", "))]),
    ...(pmml.description.trim() === "" ? [] : [fact("Its own note", pmml.description.trim().slice(0, 300))]),
  ];
}

const containers = { file: "graph file alone", zip: "zip archive", tar: "tar archive", "tar.gz": "tar archive, gzip" } as const;

function savedModelFacts(model: SavedModelInspection): InspectionFact[] {
  const operators = model.operators.slice(0, 4).map(({ operator, count }) => (count > 1 ? `${operator} ${group(count)}` : operator));
  const more = model.operators.length - operators.length;
  const { variables } = model;
  return [
    fact("Format", `TensorFlow SavedModel, ${containers[model.container]}`),
    fact("Made by", model.tensorflowVersion === "" ? "not stated in the file" : `TensorFlow ${model.tensorflowVersion}`),
    fact("Signatures", model.signatures.map(({ key, tags }) => `${key}${tags.includes("serve") ? "" : ` (${tags.join(", ")})`}`).slice(0, 8).join(", ") || "none"),
    fact("Tags", model.tagSets.map((tags) => tags.join(" + ") || "none").slice(0, 8).join("; ")),
    fact("Operators", `${counted(model.operators.length, "kind", "kinds")}, ${counted(model.nodeCount, "node", "nodes")} in the graph and ${counted(model.functionCount, "function", "functions")}: ${operators.join(", ")}${more > 0 ? ` and ${more} more` : ""}`),
    fact("Variables", variables === null ? "cannot be told: only the graph file came" : variables.isPresent ? `present, ${mebibytes(variables.bytes)} in ${counted(variables.files, "file", "files")}` : "none in the archive"),
    ...(model.assetFiles > 0 ? [fact("Assets", counted(model.assetFiles, "file", "files"))] : []),
  ];
}

const forms = { plain: "Python pickle", joblib: "Python pickle written by joblib", "torch-zip": "PyTorch archive (pickles in a zip)", "torch-legacy": "PyTorch checkpoint of the old form" } as const;
const verdicts = { clean: "clean: every import is known and harmless", review: "needs review", blocked: "blocked" } as const;

function pickleFacts(pickle: PickleInspection): InspectionFact[] {
  const packed = pickle.compression === "none" ? "" : `, ${pickle.compression}, ${mebibytes(pickle.inflatedBytes)} unpacked`;
  const unknown = pickle.imports.filter(({ verdict }) => verdict !== "allowed").length;
  return [
    fact("Format", `${forms[pickle.container]}, protocol ${pickle.protocol}${packed}`),
    fact("Made by", pickle.framework === null ? "no library that is known here" : `${pickle.framework} ${pickle.frameworkVersion ?? ""}`.trim()),
    fact("Holds", pickle.rootClass ?? "no single object"),
    fact("Scan", verdicts[pickle.verdict]),
    fact("Imports", `${group(pickle.importCount)}, of which ${unknown === 0 ? "all are known" : `${group(unknown)} ${unknown === 1 ? "is" : "are"} not known to be harmless`}`),
    fact("Opcodes", `${counted(pickle.opcodeCount, "opcode", "opcodes")} in ${counted(pickle.streamCount, "pickle", "pickles")}${pickle.nestedCount === 0 ? "" : `, ${pickle.nestedCount} nested`}`),
    ...(pickle.arrayCount > 0 ? [fact("Arrays", `${group(pickle.arrayCount)}, ${mebibytes(pickle.arrayBytes)}`)] : []),
  ];
}

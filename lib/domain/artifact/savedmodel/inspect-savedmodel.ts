import { list } from "../external-data.ts";
import { inOrder } from "../finding-order.ts";
import { defaultWalkLimits, malformed, startWalk, type Reading } from "../protobuf-reader.ts";
import { runReading, runReadingOnBytes, type ReadingResult } from "../run-reading.ts";
import type { ByteSource, Finding, ModelSignature, TensorSignature } from "../types.ts";
import { readSavedModel, startSavedModelDraft, type SavedModelDraft } from "./read-savedmodel.ts";
import { datatypeOfTensorflow } from "./tensorflow-types.ts";
import { isTensorflowOperator } from "./tensorflow-operators.ts";
import type { SavedModelContainer, SavedModelInspection, SavedModelSignature, SavedModelTensor } from "./types.ts";

/** What lies around `saved_model.pb`: the archive it came in and its other files. */
export type SavedModelSurroundings = {
  readonly sizeBytes: number;
  readonly container: SavedModelContainer;
  /** Paths relative to the model's directory; null when only the graph file came. */
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[] | null;
};

export type InspectedSavedModel = { readonly inspection: SavedModelInspection; readonly findings: readonly Finding[] };

/** Operators that read, write, or run something outside of the graph. tensorflow/core/ops/{io_ops,script_ops,checkpoint_ops}.cc */
const dangerous: ReadonlySet<string> = new Set(["WriteFile", "ReadFile", "MatchingFiles", "PyFunc", "PyFuncStateless", "EagerPyFunc", "LoadAndRemapMatrix", "GenerateVocabRemapping", "DebugIdentityV2", "DebugIdentityV3", "Save", "SaveSlices", "DataServiceDataset", "RpcCall", "WriteSummary", "CreateSummaryFileWriter"]);
/** Those that loading variables needs: every SavedModel has them, outside of the serving path. */
const ofCheckpoints: ReadonlySet<string> = new Set(["MergeV2Checkpoints", "SaveV2", "RestoreV2", "ShardedFilename"]);

const SERVED = "serving_default";

export function inspectSavedModel(source: ByteSource, surroundings: SavedModelSurroundings): Promise<ReadingResult<InspectedSavedModel>> {
  return runReading(inspecting(source.size, surroundings), source);
}

export function inspectSavedModelBytes(bytes: Uint8Array, surroundings: SavedModelSurroundings): ReadingResult<InspectedSavedModel> {
  return runReadingOnBytes(inspecting(bytes.length, surroundings), bytes);
}

function* inspecting(size: number, surroundings: SavedModelSurroundings): Reading<InspectedSavedModel> {
  const walk = startWalk(size, { ...defaultWalkLimits, maxDepth: 100 });
  const draft = startSavedModelDraft();
  yield* readSavedModel(walk, draft);
  if (draft.schemaVersion === null || draft.metaGraphs === 0) throw malformed(walk, "the file ends without a meta graph", size);
  return conclude(draft, surroundings);
}

function conclude(draft: SavedModelDraft, { sizeBytes, container, files }: SavedModelSurroundings): InspectedSavedModel {
  const served = servedSignature(draft.signatures);
  const variableFiles = files?.filter(({ path }) => path.startsWith("variables/"));
  const inspection: SavedModelInspection = {
    format: "savedmodel",
    sizeBytes,
    container,
    schemaVersion: draft.schemaVersion ?? 0,
    tensorflowVersion: draft.tensorflowVersion,
    tagSets: draft.tagSets,
    signatures: draft.signatures.filter(({ key }) => key !== "__saved_model_init_op"),
    served: served?.key ?? null,
    operators: [...draft.operators].map(([operator, count]) => ({ operator, count })).sort((a, b) => b.count - a.count || (a.operator < b.operator ? -1 : 1)),
    nodeCount: draft.nodeCount,
    functionCount: draft.functionCount,
    variables:
      variableFiles === undefined
        ? null
        : {
            isPresent: variableFiles.some(({ path }) => path === "variables/variables.index") && variableFiles.some(({ path }) => /^variables\/variables\.data-/.test(path)),
            files: variableFiles.length,
            bytes: variableFiles.reduce((sum, file) => sum + file.sizeBytes, 0),
          },
    assetFiles: files?.filter(({ path }) => path.startsWith("assets/")).length ?? 0,
    entryCount: files?.length ?? 1,
  };
  const findings = [...operatorFindings(draft), ...signatureFindings(draft, served), ...fileFindings(draft, inspection, files)];
  const passed: Finding[] = findings.some(({ severity }) => severity === "block" || severity === "warn")
    ? []
    : [{ code: "savedmodel_plain", severity: "passed", title: "Standard operators only", message: "No operator reads or writes files, runs Python or needs a library of its own, in the graph and in all its functions.", hint: null }];
  return { inspection, findings: inOrder([...findings, ...passed]) };
}

function servedSignature(signatures: readonly SavedModelSignature[]): SavedModelSignature | null {
  const serving = signatures.filter(({ tags, inputs, outputs }) => tags.includes("serve") && inputs.length > 0 && outputs.length > 0);
  return serving.find(({ key }) => key === SERVED) ?? (serving.length === 1 ? (serving[0] ?? null) : null);
}

function operatorFindings(draft: SavedModelDraft): Finding[] {
  const findings: Finding[] = [];
  const used = [...draft.operators.keys()];
  const reaching = used.filter((name) => dangerous.has(name));
  if (reaching.length > 0) {
    findings.push({
      code: "savedmodel_dangerous_operator",
      severity: "block",
      title: "Reaches outside of the graph",
      message: `The graph or one of its functions uses ${list(reaching)}, which reads or writes files or runs Python on the server.`,
      hint: "Export a serving function without them.",
    });
  }
  const custom = used.filter((name) => !isTensorflowOperator(name) && !draft.functions.has(name) && !ofCheckpoints.has(name) && !dangerous.has(name));
  if (custom.length > 0) {
    findings.push({
      code: "savedmodel_custom_operator",
      severity: "warn",
      title: "Operators TensorFlow does not have",
      message: `The model needs ${list(custom.map((name) => name.slice(0, 80)))}: a server can run it only with a native library that adds them.`,
      hint: "Export the model with standard operators, or serve it with a server that has the library (for example TensorFlow Text).",
    });
  }
  return findings;
}

function signatureFindings(draft: SavedModelDraft, served: SavedModelSignature | null): Finding[] {
  if (served === null) {
    return [
      {
        code: "savedmodel_no_signature",
        severity: "block",
        title: "No serving signature",
        message: draft.tagSets.some((tags) => tags.includes("serve"))
          ? "The model has no signature serving_default, so nothing says what it takes and answers."
          : "No meta graph has the tag serve, so there is nothing to serve.",
        hint: "Save it with tf.saved_model.save(model, path, signatures=...).",
      },
    ];
  }
  const odd = [...served.inputs, ...served.outputs].filter(({ kind, dtype }) => kind !== "tensor" || datatypeOfTensorflow(dtype) === null);
  return odd.length === 0
    ? []
    : [
        {
          code: "savedmodel_type_unsupported",
          severity: "block",
          title: "Type that cannot be carried",
          message: `${list(odd.map(({ key, kind, dtype }) => `${key} (${kind === "tensor" ? dtype : kind})`))} cannot be sent or answered in the Open Inference Protocol.`,
          hint: "Cast to a common type inside the graph.",
        },
      ];
}

function fileFindings(draft: SavedModelDraft, { variables }: SavedModelInspection, files: SavedModelSurroundings["files"]): Finding[] {
  const usesVariables = draft.operators.has("VarHandleOp") || draft.operators.has("VariableV2");
  const findings: Finding[] = [];
  if (files === null && usesVariables) {
    findings.push({
      code: "savedmodel_graph_only",
      severity: "block",
      title: "Weights are missing",
      message: "Only saved_model.pb came; the model keeps its weights in variables/.",
      hint: "Upload the whole directory as one .tar, .tar.gz or .zip.",
    });
  } else if (usesVariables && variables?.isPresent === false) {
    findings.push({
      code: "savedmodel_variables_missing",
      severity: "block",
      title: "Weights are missing",
      message: "The model uses variables, but variables/variables.index and its data are not in the archive.",
      hint: "Archive the whole directory that tf.saved_model.save wrote.",
    });
  }
  if (files?.some(({ path }) => path === "keras_metadata.pb") === true) {
    findings.push({ code: "savedmodel_keras", severity: "note", title: "Keras metadata", message: "The archive holds keras_metadata.pb. It matters only to Keras, which may run code from it; servers do not read it.", hint: null });
  }
  return findings;
}

/** The public signature: that of `serving_default`; null when there is none or the protocol cannot carry it. */
export function signatureOfSavedModel(inspection: SavedModelInspection): ModelSignature | null {
  const served = inspection.signatures.find(({ key, tags }) => key === inspection.served && tags.includes("serve"));
  if (served === undefined) return null;
  const inputs = served.inputs.map(tensorOf);
  const outputs = served.outputs.map(tensorOf);
  const all = [...inputs, ...outputs];
  return all.some((tensor) => tensor === null) || inputs.length === 0 || outputs.length === 0
    ? null
    : { inputs: inputs.filter((tensor) => tensor !== null), outputs: outputs.filter((tensor) => tensor !== null) };
}

function tensorOf({ key, kind, dtype, dims }: SavedModelTensor): TensorSignature | null {
  const datatype = datatypeOfTensorflow(dtype);
  const shape = dims?.map((dim) => (dim.kind === "fixed" ? dim.size : -1)) ?? [-1];
  if (datatype === null || kind !== "tensor" || key === "" || key.length > 512 || shape.length > 16) return null;
  return { name: key, datatype, shape, dimNames: shape.map(() => null) };
}

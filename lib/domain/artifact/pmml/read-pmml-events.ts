import { pmmlMalformed, pmmlOverLimit, type DraftField, type PmmlDraft } from "./pmml-draft.ts";

/** An element's attributes by their names without prefix. */
export type Attributes = ReadonlyMap<string, string>;

export const modelElements: ReadonlySet<string> = new Set(
  (
    "AnomalyDetectionModel AssociationModel BayesianNetworkModel BaselineModel ClusteringModel GaussianProcessModel GeneralRegressionModel MiningModel NaiveBayesModel " +
    "NearestNeighborModel NeuralNetwork RegressionModel RuleSetModel Scorecard SequenceModel SupportVectorMachineModel TextModel TimeSeriesModel TreeModel"
  ).split(" "),
);

/** Takes note of an element that opens. Throws `RefusedArtifact` for what is no PMML or beyond the limits. */
export function openElement(draft: PmmlDraft, name: string, attributes: Attributes): void {
  const { limits, path } = draft;
  draft.elementCount += 1;
  if (draft.elementCount > limits.maxElements) throw pmmlOverLimit(`more than ${limits.maxElements} elements`);
  if (path.length >= limits.maxDepth) throw pmmlOverLimit(`elements nested more than ${limits.maxDepth} deep`);
  const parent = path.at(-1);
  path.push(name);
  if (parent === undefined) {
    if (name !== "PMML") throw pmmlMalformed(`The root element is ${name.slice(0, 80)}, not PMML`);
    draft.version = text(draft, attributes, "version");
    return;
  }
  if (name === "Extension") noteExtension(draft, attributes);
  else if (modelElements.has(name)) openModel(draft, name, attributes, parent);
  else if (parent === "Header" || name === "Header") readHeader(draft, name, attributes);
  else if (path[1] === "DataDictionary") readDictionary(draft, name, attributes, parent);
  else readRest(draft, name, attributes, parent);
}

/** Takes note of an element that closes. */
export function closeElement(draft: PmmlDraft): void {
  if (draft.path.length === 2 && modelElements.has(draft.path[1] ?? "")) draft.isInMainModel = false;
  draft.path.pop();
}

function text(draft: PmmlDraft, attributes: Attributes, name: string): string {
  return (attributes.get(name) ?? "").slice(0, draft.limits.maxText).replaceAll("\0", "\ufffd").toWellFormed();
}

const optional = (draft: PmmlDraft, attributes: Attributes, name: string): string | null =>
  attributes.has(name) ? text(draft, attributes, name) : null;

function number(attributes: Attributes, name: string): number | null {
  const written = attributes.get(name);
  if (written === undefined || written.trim() === "") return null;
  const value = Number(written);
  if (!Number.isFinite(value)) throw pmmlMalformed(`${name}="${written.slice(0, 40)}" is not a number`);
  return value;
}

function openModel(draft: PmmlDraft, name: string, attributes: Attributes, parent: string): void {
  draft.models.set(name, (draft.models.get(name) ?? 0) + 1);
  if (parent !== "PMML") return;
  draft.topModels += 1;
  if (draft.modelElement !== null || attributes.get("isScorable") === "false") return;
  draft.modelElement = name;
  draft.isInMainModel = true;
  draft.modelName = text(draft, attributes, "modelName");
  draft.functionName = text(draft, attributes, "functionName");
  draft.algorithm = text(draft, attributes, "algorithmName");
}

function readHeader(draft: PmmlDraft, name: string, attributes: Attributes): void {
  if (name === "Header") draft.description = text(draft, attributes, "description");
  if (name === "Application") {
    draft.producerName = text(draft, attributes, "name");
    draft.producerVersion = text(draft, attributes, "version");
  }
}

function readDictionary(draft: PmmlDraft, name: string, attributes: Attributes, parent: string): void {
  if (name === "DataField") openField(draft, attributes);
  else if (parent === "DataField") {
    const field = draft.fields.at(-1);
    if (field !== undefined) readDomain(draft, field, name, attributes);
  }
}

function openField(draft: PmmlDraft, attributes: Attributes): void {
  if (draft.fields.length >= draft.limits.maxFields) throw pmmlOverLimit(`more than ${draft.limits.maxFields} fields`);
  const name = text(draft, attributes, "name");
  if (draft.fieldNames.has(name)) draft.repeatedFields.add(name);
  draft.fieldNames.add(name);
  draft.fields.push({
    name,
    optype: text(draft, attributes, "optype"),
    dataType: text(draft, attributes, "dataType"),
    isCyclic: attributes.get("isCyclic") === "1",
    valid: [],
    invalid: [],
    missing: [],
    intervals: [],
  });
}

function readDomain(draft: PmmlDraft, field: DraftField, name: string, attributes: Attributes): void {
  if (name === "Interval") {
    if (field.intervals.length >= draft.limits.maxValues) throw pmmlOverLimit(`more than ${draft.limits.maxValues} intervals of one field`);
    field.intervals.push({
      closure: text(draft, attributes, "closure"),
      min: number(attributes, "leftMargin"),
      max: number(attributes, "rightMargin"),
    });
  } else if (name === "Value") {
    const property = attributes.get("property") ?? "valid";
    const values = property === "missing" ? field.missing : property === "invalid" ? field.invalid : field.valid;
    if (values.length >= draft.limits.maxValues) throw pmmlOverLimit(`more than ${draft.limits.maxValues} values of one field`);
    values.push(text(draft, attributes, "value").slice(0, 1024));
  }
}

function noteExtension(draft: PmmlDraft, attributes: Attributes): void {
  draft.extensionCount += 1;
  if (draft.extensionNames.size < 20) draft.extensionNames.add(text(draft, attributes, "name").slice(0, 80) || "without a name");
}

function readRest(draft: PmmlDraft, name: string, attributes: Attributes, parent: string): void {
  switch (name) {
    case "MiningField":
      if (draft.isInMainModel && draft.path.length === 4 && parent === "MiningSchema") readMiningField(draft, attributes);
      return;
    case "OutputField":
      if (draft.isInMainModel && draft.path.length === 4 && parent === "Output") readOutput(draft, attributes);
      return;
    case "DerivedField":
      draft.derivedFieldCount += 1;
      return;
    case "DefineFunction":
      draft.definedFunctions.add(text(draft, attributes, "name").slice(0, 200));
      return;
    case "Apply":
      if (draft.appliedFunctions.size < 1000) draft.appliedFunctions.add(text(draft, attributes, "function").slice(0, 200));
      return;
    case "TableLocator":
      draft.tableLocators += 1;
      return;
    default:
  }
}

function readMiningField(draft: PmmlDraft, attributes: Attributes): void {
  if (draft.miningFields.length >= draft.limits.maxFields) throw pmmlOverLimit(`more than ${draft.limits.maxFields} mining fields`);
  draft.miningFields.push({
    name: text(draft, attributes, "name"),
    usage: optional(draft, attributes, "usageType") ?? "active",
    missingTreatment: optional(draft, attributes, "missingValueTreatment"),
    missingReplacement: optional(draft, attributes, "missingValueReplacement"),
    invalidTreatment: optional(draft, attributes, "invalidValueTreatment"),
    invalidReplacement: optional(draft, attributes, "invalidValueReplacement"),
    outliers: optional(draft, attributes, "outliers"),
    low: number(attributes, "lowValue"),
    high: number(attributes, "highValue"),
  });
}

function readOutput(draft: PmmlDraft, attributes: Attributes): void {
  if (draft.outputs.length >= draft.limits.maxFields) throw pmmlOverLimit(`more than ${draft.limits.maxFields} output fields`);
  draft.outputs.push({
    name: text(draft, attributes, "name"),
    dataType: optional(draft, attributes, "dataType"),
    feature: optional(draft, attributes, "feature") ?? "predictedValue",
    value: optional(draft, attributes, "value"),
  });
}

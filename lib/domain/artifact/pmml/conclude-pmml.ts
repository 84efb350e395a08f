import { list } from "../external-data.ts";
import { inOrder } from "../finding-order.ts";
import { quoted } from "../settle-onnx-tensor.ts";
import type { Finding } from "../types.ts";
import { pmmlMalformed, type PmmlDraft } from "./pmml-draft.ts";
import type { PmmlInspection } from "./types.ts";

/** https://dmg.org/pmml/v4-4-1/BuiltinFunctions.html */
const builtIn: ReadonlySet<string> = new Set(
  (
    "+ - * / min max sum avg median product log10 ln sqrt abs exp pow threshold floor ceil round rint modulo expm1 hypot ln1p sin asin sinh cos acos cosh tan atan tanh " +
    "isMissing isNotMissing isValid isNotValid equal notEqual lessThan lessOrEqual greaterThan greaterOrEqual isIn isNotIn and or not if uppercase lowercase stringLength " +
    "substring trimBlanks concat replace matches formatNumber formatDatetime dateDaysSinceYear dateSecondsSinceYear dateSecondsSinceMidnight normalCDF normalPDF stdNormalCDF stdNormalPDF erf normalIDF stdNormalIDF"
  ).split(" "),
);

export type InspectedPmml = { readonly inspection: PmmlInspection; readonly findings: readonly Finding[] };

/** The inspection of a whole document, with everything in it that asks for a look. */
export function concludePmml(draft: PmmlDraft, sizeBytes: number): InspectedPmml {
  if (draft.version === null) throw pmmlMalformed("The document ends without a PMML element");
  if (draft.modelElement === null) throw pmmlMalformed("The document has no model that may score");
  const foreignFunctions = [...draft.appliedFunctions].filter((name) => !builtIn.has(name) && !draft.definedFunctions.has(name));
  const inspection: PmmlInspection = {
    format: "pmml",
    sizeBytes,
    version: draft.version,
    producerName: draft.producerName,
    producerVersion: draft.producerVersion,
    description: draft.description,
    modelElement: draft.modelElement,
    modelName: draft.modelName,
    functionName: draft.functionName,
    algorithm: draft.algorithm,
    fields: draft.fields,
    miningFields: draft.miningFields,
    targets: draft.miningFields.filter(({ usage }) => usage === "target" || usage === "predicted").map(({ name }) => name),
    outputs: draft.outputs,
    models: [...draft.models].map(([element, count]) => ({ element, count })).sort((a, b) => b.count - a.count),
    elementCount: draft.elementCount,
    derivedFieldCount: draft.derivedFieldCount,
    extensionCount: draft.extensionCount,
    foreignFunctions,
  };
  const findings = [...structureFindings(draft), ...codeFindings(draft, foreignFunctions)];
  const passed: Finding[] = findings.some(({ severity }) => severity === "block" || severity === "warn")
    ? []
    : [{ code: "pmml_plain", severity: "passed", title: "Nothing but PMML", message: "No DTD, no entity, no function of another language, no table elsewhere.", hint: null }];
  return { inspection, findings: inOrder([...findings, ...passed]) };
}

function structureFindings(draft: PmmlDraft): Finding[] {
  const findings: Finding[] = [];
  const block = (code: string, title: string, message: string, hint: string | null = null): void => {
    findings.push({ code, severity: "block", title, message, hint });
  };
  if (!/^4\.\d/.test(draft.version ?? "")) {
    block("pmml_version", "Version not read", `The document is PMML ${quoted(draft.version ?? "")}; versions 4.0 to 4.4 are read.`, "Export it as PMML 4.4.");
  }
  const active = draft.miningFields.filter(({ usage }) => usage === "active");
  if (active.length === 0) block("pmml_no_inputs", "No input", "The model's MiningSchema has no active field, so there is nothing to ask it.");
  const unknown = draft.miningFields.filter(({ name, usage }) => !draft.fieldNames.has(name) && (usage === "active" || usage === "supplementary")).map(({ name }) => quoted(name));
  if (unknown.length > 0) block("pmml_field_unknown", "Field not declared", `The MiningSchema uses ${list(unknown)}, which the DataDictionary does not declare.`);
  if (draft.repeatedFields.size > 0) block("pmml_field_repeated", "Field declared twice", `The DataDictionary declares ${list([...draft.repeatedFields].map(quoted))} more than once.`);
  for (const { name, outliers, low, high } of draft.miningFields) {
    if (outliers !== null && outliers !== "asIs" && ((low === null && high === null) || (low !== null && high !== null && low > high))) {
      block("pmml_outlier_bounds", "Outlier bounds missing", `The field ${quoted(name)} treats outliers ${outliers} without usable lowValue and highValue.`);
    }
  }
  for (const { name, intervals } of draft.fields) {
    if (intervals.some(({ min, max }) => min !== null && max !== null && min > max)) {
      block("pmml_interval_empty", "Empty interval", `An interval of the field ${quoted(name)} ends before it begins.`);
    }
  }
  if (draft.topModels > 1) {
    findings.push({
      code: "pmml_more_models",
      severity: "warn",
      title: "More than one model",
      message: `The document holds ${draft.topModels} models; scoring servers use the first that may score.`,
      hint: "Put each model into a document of its own.",
    });
  }
  return findings;
}

function codeFindings(draft: PmmlDraft, foreign: readonly string[]): Finding[] {
  const findings: Finding[] = [];
  const java = foreign.filter((name) => /[.$]/.test(name));
  const other = foreign.filter((name) => !java.includes(name));
  if (java.length > 0) {
    findings.push({
      code: "pmml_java_function",
      severity: "block",
      title: "Calls Java code",
      message: `The document applies ${list(java.map(quoted))}: on a JPMML server that is the name of a Java class, which would be loaded and run.`,
      hint: "Write the function with PMML's own (DefineFunction), or compute it before the model.",
    });
  }
  if (other.length > 0) {
    findings.push({
      code: "pmml_foreign_function",
      severity: "warn",
      title: "Functions PMML does not have",
      message: `The document applies ${list(other.map(quoted))}, which only a server that knows them can compute.`,
      hint: "Write them with PMML's own functions (DefineFunction).",
    });
  }
  if (draft.extensionCount > 0) {
    findings.push({
      code: "pmml_extension",
      severity: "note",
      title: "Extensions",
      message: `${draft.extensionCount} ${draft.extensionCount === 1 ? "extension" : "extensions"} of one producer (${list([...draft.extensionNames])}). Other servers ignore them, and might then answer differently.`,
      hint: null,
    });
  }
  if (draft.tableLocators > 0) {
    findings.push({
      code: "pmml_table_elsewhere",
      severity: "warn",
      title: "Reads a table elsewhere",
      message: `${draft.tableLocators} ${draft.tableLocators === 1 ? "table is" : "tables are"} not in the document but in a database that it names (TableLocator).`,
      hint: "Put the table into the document (InlineTable).",
    });
  }
  return findings;
}

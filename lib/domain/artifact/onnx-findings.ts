import { list } from "./external-data.ts";
import type { OnnxDraft } from "./onnx-draft.ts";
import { datatypeOfElement } from "./onnx-element-types.ts";
import {
  isBuiltInDomain,
  MAX_IR_VERSION,
  ONNXRUNTIME_VERSION,
  operatorSets,
} from "./onnxruntime-limits.ts";
import { quoted } from "./settle-onnx-tensor.ts";
import type { Finding, FindingSeverity, OnnxValue } from "./types.ts";

const finding = (
  code: string,
  severity: FindingSeverity,
  title: string,
  message: string,
  hint: string | null = null,
): Finding => ({ code, severity, title, message, hint });

/** Whether the bundled runtime can load and run what the file asks for. */
export function runtimeFindings(draft: OnnxDraft): Finding[] {
  return [
    ...versionFindings(draft),
    ...operatorFindings(draft),
    ...(draft.hasTrainingInfo
      ? [
          finding(
            "training_info",
            "note",
            "Training graph inside",
            "The file carries training information. It is kept and never run.",
          ),
        ]
      : []),
    ...(draft.metadata.some((entry) => entry.key === "ort_config")
      ? [
          finding(
            "runtime_options",
            "warn",
            "Runtime options inside",
            "The metadata entry ort_config asks for runtime settings. Slipway ignores it and sets its own.",
          ),
        ]
      : []),
    ...(draft.silentOneHotEncoders > 0
      ? [
          finding(
            "unknown_category_zeros",
            "note",
            "Unknown categories",
            "OneHotEncoder answers a category it has not learnt with zeros and no error.",
            "Give the text inputs a domain in the contract, so that an unknown value is refused or flagged first.",
          ),
        ]
      : []),
  ];
}

function versionFindings(draft: OnnxDraft): Finding[] {
  const findings: Finding[] = [];
  if (draft.irVersion > MAX_IR_VERSION) {
    findings.push(
      finding(
        "ir_too_new",
        "block",
        "File format too new",
        `The file has IR version ${draft.irVersion}; the bundled onnxruntime ${ONNXRUNTIME_VERSION} reads up to ${MAX_IR_VERSION}.`,
        `Export with IR version ${MAX_IR_VERSION} or lower.`,
      ),
    );
  }
  for (const { domain, version } of draft.opsets) {
    const known = operatorSets[domain];
    if (known === undefined) continue;
    if (version > known.newest) {
      findings.push(
        finding(
          "opset_too_new",
          "block",
          "Operator set too new",
          `The model uses ${domain} ${version}; the bundled onnxruntime ${ONNXRUNTIME_VERSION} knows up to ${known.newest}.`,
          `Export with ${domain} ${known.newest} or lower (target_opset).`,
        ),
      );
    } else if (version < known.oldest) {
      findings.push(
        finding(
          "opset_old",
          "warn",
          "Old operator set",
          `The model uses ${domain} ${version}; onnxruntime promises to run ${known.oldest} and later.`,
          "The test load will show whether it runs. Exporting again with a newer target_opset is safer.",
        ),
      );
    }
  }
  return findings;
}

function operatorFindings(draft: OnnxDraft): Finding[] {
  const findings: Finding[] = [];
  const custom = [...draft.operators.keys()].filter(
    (key) => !draft.functions.has(key) && !isBuiltInDomain(domainOf(key)),
  );
  if (custom.length > 0) {
    findings.push(
      finding(
        "operator_custom",
        "block",
        "Custom operators",
        `The model needs ${list(custom.map(shownOperator))}, which no built-in operator set has. They would need a native library, and Slipway loads none.`,
        "Export the model with standard operators, or serve it with a server that has the library.",
      ),
    );
  }
  // onnxruntime imports its own operators by itself.
  const imported = new Set(["com.microsoft", ...draft.opsets.map((opset) => opset.domain)]);
  const missing = [...draft.graphDomains].filter((domain) => !imported.has(domain));
  if (missing.length > 0 || draft.opsets.length === 0) {
    findings.push(
      finding(
        "opset_missing",
        "block",
        "Operator set not named",
        `The model uses operators of ${list(missing.length > 0 ? missing : ["ai.onnx"])} but does not say of which version (opset_import).`,
        "Export the model again; every exporter writes opset_import.",
      ),
    );
  }
  if (draft.functions.size > 0) {
    findings.push(
      finding(
        "model_functions",
        "note",
        "Own functions",
        `The file defines ${draft.functions.size} ${draft.functions.size === 1 ? "function" : "functions"} out of other operators.`,
      ),
    );
  }
  return findings;
}

const domainOf = (key: string): string => key.slice(0, key.indexOf("\n"));
const shownOperator = (key: string): string => quoted(key.replace("\n", ".")).slice(1, -1);

/** Whether the inputs and outputs can be spoken to over the Open Inference Protocol. */
export function valueFindings(
  inputs: readonly OnnxValue[],
  outputs: readonly OnnxValue[],
): Finding[] {
  const findings: Finding[] = [];
  if (inputs.length === 0) {
    findings.push(
      finding(
        "no_inputs",
        "block",
        "No input",
        "The model takes no input, so there is nothing to ask it.",
      ),
    );
  }
  if (outputs.length === 0) {
    findings.push(finding("no_outputs", "block", "No output", "The model gives no output."));
  }
  for (const [side, values] of [
    ["input", inputs],
    ["output", outputs],
  ] as const) {
    findings.push(...nameFindings(side, values));
    for (const value of values) findings.push(...typeFindings(side, value));
  }
  return findings;
}

function nameFindings(side: "input" | "output", values: readonly OnnxValue[]): Finding[] {
  const names = values.map((value) => value.name);
  const repeated = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  const unusable = names.filter((name) => name === "" || name.length > 512);
  return [
    ...(repeated.length > 0
      ? [
          finding(
            "name_repeated",
            "block",
            "Name used twice",
            `More than one ${side} is called ${list(repeated.map(quoted))}.`,
            "Export the model again with a name of its own for each.",
          ),
        ]
      : []),
    ...(unusable.length > 0
      ? [
          finding(
            "name_unusable",
            "block",
            "Name not usable",
            `${unusable.length} ${side} ${unusable.length === 1 ? "name is" : "names are"} empty or longer than 512 characters.`,
            "Name inputs and outputs when exporting.",
          ),
        ]
      : []),
  ];
}

function typeFindings(side: "input" | "output", value: OnnxValue): Finding[] {
  const name = quoted(value.name);
  if (value.kind !== "tensor") return [notATensor(side, value)];
  if (value.elementType === null || datatypeOfElement(value.elementType) === null) {
    return [
      finding(
        "element_type_unsupported",
        "block",
        "Element type not supported",
        `The ${side} ${name} holds ${value.elementType ?? "values of no declared type"}, which requests and answers cannot carry here.`,
        `Cast it to a common type (float32, int64, string ...) inside the graph.`,
      ),
    ];
  }
  if (value.dims === null && side === "input") {
    return [
      finding(
        "input_shape_missing",
        "block",
        "Shape not declared",
        `The input ${name} declares no shape, so requests could not be checked.`,
        "Export with input shapes; a free batch size is fine.",
      ),
    ];
  }
  return [];
}

function notATensor(side: "input" | "output", value: OnnxValue): Finding {
  const name = quoted(value.name);
  const kind =
    value.kind === "unknown" ? "value of no declared type" : value.kind.replace("_", " ");
  const isZipMap = side === "output" && (value.kind === "sequence" || value.kind === "map");
  return finding(
    `${side}_not_tensor`,
    "block",
    isZipMap ? "ZipMap is on" : "Not a tensor",
    `The ${side} ${name} is a ${kind}, not a tensor; the Open Inference Protocol carries tensors only.`,
    isZipMap
      ? 'Export with ZipMap off: to_onnx(..., options={"zipmap": False}) in skl2onnx. Probabilities then come as a tensor.'
      : "Change the graph so that it is a tensor.",
  );
}

/** What was looked for and is in order, for the same table. */
export function passedFindings(draft: OnnxDraft, findings: readonly Finding[]): Finding[] {
  const has = (...codes: readonly string[]): boolean =>
    findings.some((found) => codes.includes(found.code));
  const isClassifier = [...draft.operators.keys()].some((key) =>
    /^ai\.onnx\.ml\n.*Classifier$/.test(key),
  );
  return [
    ...(draft.externals.size === 0 && !has("operator_custom")
      ? [
          finding(
            "self_contained",
            "passed",
            "Nothing outside the file",
            "No external data, no custom operator, no code.",
          ),
        ]
      : []),
    ...(isClassifier && !has("output_not_tensor")
      ? [
          finding(
            "zipmap_off",
            "passed",
            "ZipMap is off",
            "Probabilities come as a tensor, readable by every target.",
          ),
        ]
      : []),
    ...(has(
      "ir_too_new",
      "opset_too_new",
      "opset_old",
      "opset_missing",
      "operator_custom",
      "element_type_unsupported",
    )
      ? []
      : [
          finding(
            "runtime_fits",
            "passed",
            "Runtime knows it",
            `Format, operator sets and tensor types are within what onnxruntime ${ONNXRUNTIME_VERSION} reads.`,
          ),
        ]),
  ];
}

import { list } from "../external-data.ts";
import type { Finding, FindingSeverity } from "../types.ts";
import type { Anomaly, Import, Trace } from "./trace.ts";

const BROKEN = "The file is damaged or was not written by pickle. Dump the model again, or compare its sha256 with the original.";
const LOOK = "Ask whoever made the file why it is there. A plain dump of a fitted model does not need it.";

/** Severity, title, what it means, what to do. */
const sentences: Readonly<Record<Anomaly, readonly [FindingSeverity, string, string, string]>> = {
  truncated: ["block", "The pickle is cut off", "The file ends before the pickle does", BROKEN],
  opcode_unknown: ["block", "Not pickle all through", "A byte is no opcode that pickle defines", BROKEN],
  argument_malformed: ["block", "Malformed opcode", "An opcode has an argument that cannot be read", BROKEN],
  stack_underflow: ["warn", "Opcodes do not add up", "An opcode takes an object that is not there, so Python would stop in the middle of loading", BROKEN],
  stack_left: ["warn", "Objects left over", "The pickle builds objects that are not part of what it gives back, as payloads do", LOOK],
  memo_missing: ["warn", "Refers to nothing", "The pickle refers to an object that it never remembered", BROKEN],
  protocol_misplaced: ["warn", "Protocol mark in the wrong place", "The protocol is named in the middle or is one that does not exist", LOOK],
  frame_beyond_end: ["warn", "Frame past the end", "A frame says that it is longer than the file", BROKEN],
  global_unresolved: ["warn", "Hidden import", "The name of an import is computed while loading and cannot be told from the file", LOOK],
  global_dotted: ["warn", "Import through attributes", "A dotted name reaches through a module to something else in it", LOOK],
  extension_code: ["warn", "Import by number", "An import is given by a number that only the loading process can look up (EXT opcode)", LOOK],
  persistent_id: ["warn", "Object kept elsewhere", "The pickle asks its loader for an object by a persistent id outside of a torch archive", LOOK],
  computed_call: ["warn", "Calls something computed", "Something is called that is itself the result of loading, not an import", LOOK],
  build_on_import: ["warn", "Changes what it imports", "Attributes are set on an imported class or function itself, which changes the process that loads it", LOOK],
  change_on_import: ["warn", "Changes what it imports", "Items are added to an imported object itself", LOOK],
  nested_pickle: ["warn", "A pickle inside the pickle", "A byte string holds another pickle; its imports are listed with the others", LOOK],
  trailing_data: ["warn", "More behind the pickle", "The file goes on after the pickle has ended", "Python reads the first pickle only. Register a file that holds nothing else."],
  expansion: ["warn", "Expansion bomb", "Few bytes stand for an enormous structure", LOOK],
  allocation: ["warn", "Asks for memory", "A call would allocate a large amount of memory", LOOK],
  array_unknown: ["warn", "Array that cannot be measured", "An array is written in a form that is not known here, so what follows could not be read", "Dump the model with a current joblib, or export it as ONNX."],
  limit: ["warn", "Too large to follow", "The pickle was not followed to its end", "Nothing beyond the limit was looked at. Export the model as ONNX, or split it."],
  out_of_band: ["warn", "Buffers outside of the file", "The pickle expects buffers that come beside it, which cannot be registered with it", "Dump without buffer_callback."],
};

const nameOf = ({ module, name }: Import): string => `${module}.${name}`.slice(0, 120).replace(/[^\x20-\x7e]/g, "?");

/** Everything about the opcodes and imports that is not in order. */
export function pickleFindings(trace: Trace): Finding[] {
  const findings: Finding[] = [];
  const imports = [...trace.imports.values()];
  const dangerous = imports.filter(({ verdict }) => verdict === "dangerous");
  if (dangerous.length > 0) {
    findings.push({
      code: "pickle_dangerous_import",
      severity: "block",
      title: "Would run commands or reach outside",
      message: `Loading this file would use ${list(dangerous.map(nameOf))}. Nothing of it was run here.`,
      hint: "Do not load this file anywhere. Find out where it came from and dump the model again from trusted code.",
    });
  }
  const unknown = imports.filter(({ verdict }) => verdict === "unknown");
  if (unknown.length > 0) {
    findings.push({
      code: "pickle_unknown_import",
      severity: "warn",
      title: "Imports nobody has vouched for",
      message: `${unknown.length} ${unknown.length === 1 ? "import is" : "imports are"} not on the list of harmless ones: ${list(unknown.map(nameOf))}.`,
      hint: imports.some(({ module }) => module === "__main__")
        ? "Classes of __main__ are not in the file; the server that loads it needs the same code. Move them to a package, or export the model as ONNX."
        : "A reviewer looks at what they do. Exporting the model as ONNX makes the question go away.",
    });
  }
  if (imports.some(({ module }) => /^(cloudpickle|dill)(\.|$)/.test(module))) {
    findings.push({
      code: "pickle_carries_code",
      severity: "warn",
      title: "Carries Python code",
      message: "Functions or classes are stored as byte code, which runs when the model is used.",
      hint: "Put the code into a package and dump the model with joblib, or export it as ONNX.",
    });
  }
  for (const [kind, { count, offset, detail }] of trace.anomalies) {
    const [severity, title, meaning, hint] = sentences[kind];
    const where = `Byte ${offset}${count > 1 ? `, and ${count - 1} more` : ""}`;
    findings.push({
      code: `pickle_${kind}`,
      severity,
      title,
      message: `${meaning}${detail === "" ? "" : ` (${detail.replace(/[^\x20-\x7e]/g, "?").slice(0, 200)})`}. ${where}.`,
      hint,
    });
  }
  return findings;
}

import { startWalk, defaultWalkLimits, fillWindow, type Reading, type Walk } from "../protobuf-reader.ts";
import { runReading, runReadingOnBytes, type ReadingResult } from "../run-reading.ts";
import type { ByteSource, Finding } from "../types.ts";
import { inOrder } from "../finding-order.ts";
import { disassemble } from "./disassemble.ts";
import { frameworkOf } from "./import-rules.ts";
import { pickleFindings } from "./pickle-findings.ts";
import { defaultPickleLimits, note, startTrace, type PickleLimits, type Trace } from "./trace.ts";
import type { PickleCompression, PickleContainer, PickleInspection, PickleVerdict } from "./types.ts";

/** torch.serialization.MAGIC_NUMBER, little-endian. */
const TORCH_MAGIC = "6cfc9c46f9206aa85019";
/** Magic number, protocol, system, the object, storage keys; then the storages as raw bytes. */
const TORCH_LEGACY_STREAMS = 5;

/** Reads every pickle of one file or archive member into the trace; answers whether raw torch storages follow. */
export function* readPickleStreams(size: number, trace: Trace): Reading<{ readonly isTorchLegacy: boolean }> {
  const walk = startWalk(size, { ...defaultWalkLimits, windowBytes: 64 * 1024 });
  let isTorchLegacy = false;
  for (let stream = 1; ; stream += 1) {
    if (!(yield* disassemble(walk, trace, 0))) break;
    if (stream === 1) isTorchLegacy = trace.root?.text === TORCH_MAGIC;
    if (isTorchLegacy) {
      trace.allowsPersistentIds = true;
      if (stream === TORCH_LEGACY_STREAMS) break;
      if (stream < TORCH_LEGACY_STREAMS) trace.root = null;
    }
    if (walk.at >= walk.size) break;
    if (!(yield* startsPickle(walk)) || stream >= trace.limits.maxStreams) {
      note(trace, "trailing_data", walk.at, `${walk.size - walk.at} bytes`);
      break;
    }
    if (!isTorchLegacy) note(trace, "trailing_data", walk.at, "another pickle");
  }
  return { isTorchLegacy };
}

function* startsPickle(walk: Walk): Reading<boolean> {
  yield* fillWindow(walk, 2);
  const at = walk.at - walk.windowStart;
  return walk.window[at] === 0x80 && (walk.window[at + 1] ?? 9) <= 5;
}

export type PickleFacts = {
  readonly sizeBytes: number;
  readonly container: PickleContainer;
  readonly compression: PickleCompression;
  readonly inflatedBytes: number;
};

export type InspectedPickle = { readonly inspection: PickleInspection; readonly findings: readonly Finding[] };

/** The verdict on everything in the trace, with `extra` findings of the container it came in. */
export function concludePickle(trace: Trace, facts: PickleFacts, extra: readonly Finding[] = []): InspectedPickle {
  const imports = [...trace.imports.values()].sort(
    (a, b) => order[a.verdict] - order[b.verdict] || (a.module + a.name < b.module + b.name ? -1 : 1),
  );
  const found = [...pickleFindings(trace), ...extra];
  const verdict: PickleVerdict = found.some(({ severity }) => severity === "block")
    ? "blocked"
    : found.some(({ severity }) => severity === "warn")
      ? "review"
      : "clean";
  const callee = trace.root?.callee;
  const root = /^copy_?reg\n_reconstructor$/.test(callee?.text ?? "") ? trace.root?.args?.items?.[0] : callee;
  const inspection: PickleInspection = {
    format: "pickle",
    ...facts,
    protocol: trace.protocol,
    streamCount: trace.streamCount,
    nestedCount: trace.nestedCount,
    opcodeCount: trace.opcodeCount,
    imports: imports.map((found) => ({ ...found, module: shown(found.module), name: shown(found.name) })),
    importCount: trace.imports.size,
    framework: frameworkOf(imports.map(({ module }) => module)),
    frameworkVersion: trace.frameworkVersion === null ? null : shown(trace.frameworkVersion),
    rootClass: root?.kind === "global" ? shown((root.text ?? "").replace("\n", ".")) : null,
    arrayCount: trace.arrayCount,
    arrayBytes: trace.arrayBytes,
    verdict,
  };
  return { inspection, findings: inOrder([...found, ...standingFindings(verdict)]) };
}

const order = { dangerous: 0, unknown: 1, allowed: 2 } as const;

const shown = (text: string): string => text.slice(0, 200).replace(/[\p{Cc}\p{Cs}]/gu, "\ufffd").toWellFormed();

function standingFindings(verdict: PickleVerdict): Finding[] {
  return [
    {
      code: "pickle_can_run_code",
      severity: "note",
      title: "The format can run code",
      message: "Loading a pickle runs what it imports. Slipway read its opcodes and will never load it; no bundled runtime serves it.",
      hint: "To be released it needs a signed risk acceptance and an isolated external server. Exporting the model as ONNX needs neither: skl2onnx for scikit-learn, torch.onnx.export for PyTorch.",
    },
    ...(verdict === "clean"
      ? [
          {
            code: "pickle_imports_known",
            severity: "passed" as const,
            title: "Only known imports",
            message: "Every class and function it names is on the list of harmless ones for its library, and nothing in its opcodes is out of the ordinary.",
            hint: null,
          },
        ]
      : []),
  ];
}

export type PickleOptions = Partial<PickleFacts> & { readonly limits?: Partial<PickleLimits> };

function* inspecting(size: number, options: PickleOptions): Reading<InspectedPickle> {
  const { limits, ...facts } = options;
  const trace = startTrace({ ...defaultPickleLimits, ...limits }, false);
  const { isTorchLegacy } = yield* readPickleStreams(size, trace);
  const isJoblib = [...trace.imports.values()].some(({ module }) => module === "joblib.numpy_pickle");
  const container = isTorchLegacy ? "torch-legacy" : isJoblib ? "joblib" : "plain";
  return concludePickle(trace, { sizeBytes: size, compression: "none", inflatedBytes: size, container, ...facts });
}

/** Reads one pickle file without unpickling it. Anything odd is a finding; only a source that fails throws or refuses. */
export function inspectPickle(source: ByteSource, options: PickleOptions = {}): Promise<ReadingResult<InspectedPickle>> {
  return runReading(inspecting(source.size, options), source);
}

/** `inspectPickle` over bytes in memory. */
export function inspectPickleBytes(bytes: Uint8Array, options: PickleOptions = {}): ReadingResult<InspectedPickle> {
  return runReadingOnBytes(inspecting(bytes.length, options), bytes);
}

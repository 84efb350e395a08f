import { judgeImport } from "./import-rules.ts";
import type { Value } from "./symbolic-value.ts";
import type { ImportVerdict } from "./types.ts";

export type PickleLimits = {
  readonly maxOpcodes: number;
  readonly maxMemo: number;
  readonly maxStack: number;
  readonly maxImports: number;
  readonly maxNesting: number;
  readonly maxStreams: number;
};

export const defaultPickleLimits: PickleLimits = {
  maxOpcodes: 20_000_000,
  maxMemo: 1_000_000,
  maxStack: 1_000_000,
  maxImports: 2000,
  maxNesting: 3,
  maxStreams: 64,
};

/** Something no honest writer does, or that cannot be followed. Each leads to review at least. */
export const anomalies = [
  "truncated",
  "opcode_unknown",
  "argument_malformed",
  "stack_underflow",
  "stack_left",
  "memo_missing",
  "protocol_misplaced",
  "frame_beyond_end",
  "global_unresolved",
  "global_dotted",
  "extension_code",
  "persistent_id",
  "computed_call",
  "build_on_import",
  "change_on_import",
  "nested_pickle",
  "trailing_data",
  "expansion",
  "allocation",
  "array_unknown",
  "limit",
  "out_of_band",
] as const;
export type Anomaly = (typeof anomalies)[number];

export type Import = { module: string; name: string; verdict: ImportVerdict; count: number; isCalled: boolean };

/** Everything gathered over all streams of one file. */
export type Trace = {
  readonly limits: PickleLimits;
  readonly imports: Map<string, Import>;
  /** By kind: how often, and where it was first seen. */
  readonly anomalies: Map<Anomaly, { count: number; offset: number; detail: string }>;
  /** Storages of a torch archive stand for persistent ids: there they are in order. */
  allowsPersistentIds: boolean;
  opcodeCount: number;
  protocol: number;
  streamCount: number;
  nestedCount: number;
  arrayCount: number;
  arrayBytes: number;
  frameworkVersion: string | null;
  root: Value | null;
};

export function startTrace(limits: PickleLimits, allowsPersistentIds: boolean): Trace {
  return {
    limits,
    imports: new Map(),
    anomalies: new Map(),
    allowsPersistentIds,
    opcodeCount: 0,
    protocol: 0,
    streamCount: 0,
    nestedCount: 0,
    arrayCount: 0,
    arrayBytes: 0,
    frameworkVersion: null,
    root: null,
  };
}

export function note(trace: Trace, kind: Anomaly, offset: number, detail = ""): void {
  const known = trace.anomalies.get(kind);
  if (known === undefined) trace.anomalies.set(kind, { count: 1, offset, detail });
  else known.count += 1;
}

export function noteImport(trace: Trace, module: string, name: string, offset: number): void {
  const key = `${module}\n${name}`;
  const known = trace.imports.get(key);
  if (known !== undefined) {
    known.count += 1;
    return;
  }
  if (name.includes(".")) note(trace, "global_dotted", offset, `${module} ${name}`.slice(0, 200));
  if (trace.imports.size >= trace.limits.maxImports) {
    note(trace, "limit", offset, `more than ${trace.limits.maxImports} different imports`);
    return;
  }
  trace.imports.set(key, { module, name, verdict: judgeImport(module, name), count: 1, isCalled: false });
}

export function noteCall(trace: Trace, callee: Value, offset: number): void {
  if (callee.kind === "global" && callee.text !== undefined) {
    const known = trace.imports.get(callee.text);
    if (known !== undefined) known.isCalled = true;
    return;
  }
  note(trace, "computed_call", offset);
}

import { fillWindow, needsBytes, type Reading, type Walk } from "../protobuf-reader.ts";
import { importGlobal, instantiate, memorise, push, recall, startMachine, step, type Machine } from "./machine.ts";
import { inlineArrayOf } from "./joblib-array.ts";
import { headBytes, opcodes, type ArgumentForm, type Opcode } from "./opcodes.ts";
import { BYTES, KEPT_TEXT, numberValue, OTHER, PERSISTENT, textValue, type Value } from "./symbolic-value.ts";
import { note, type Trace } from "./trace.ts";

/** A line longer than this is not a name or a number. */
const MAX_LINE = 64 * 1024;
const latin1 = new TextDecoder("latin1");
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Follows one pickle from `walk.at` to its STOP without building anything, and leaves `walk.at` behind it. Answers false when the
 * stream cannot be followed to its end; what was seen until then is in the trace.
 */
export function* disassemble(walk: Walk, trace: Trace, depth: number): Reading<boolean> {
  const machine = startMachine(trace);
  const start = walk.at;
  trace.streamCount += 1;
  for (;;) {
    const offset = walk.at;
    if (offset >= walk.size) {
      note(trace, "truncated", offset);
      return false;
    }
    if (needsBytes(walk)) yield* fillWindow(walk);
    const opcode = opcodes[walk.window[offset - walk.windowStart] ?? 0];
    if (opcode === undefined) {
      note(trace, "opcode_unknown", offset, `byte 0x${(walk.window[offset - walk.windowStart] ?? 0).toString(16)}`);
      return false;
    }
    trace.opcodeCount += 1;
    if (trace.opcodeCount > trace.limits.maxOpcodes) {
      note(trace, "limit", offset, `more than ${trace.limits.maxOpcodes} opcodes`);
      return false;
    }
    walk.at = offset + 1;
    if (opcode.name === "STOP") return endStream(machine, depth, offset);
    if (opcode.form === "none") {
      step(machine, opcode.name, offset);
      if (opcode.name === "BUILD" && !(yield* skipInlineArray(walk, machine, depth))) return false;
    } else if (!(yield* readArgument(walk, machine, opcode, offset, start, depth))) return false;
  }
}

/** Objects written out may be a thousand times what the file says before it looks like a bomb. */
const MAX_GROWTH = 1000;

function endStream({ stack, marks, trace }: Machine, depth: number, offset: number): boolean {
  const root = stack.at(-1);
  if (root === undefined) note(trace, "stack_underflow", offset);
  else if (depth === 0 && trace.root === null) trace.root = root;
  if (stack.length > 1 || marks.length > 0) note(trace, "stack_left", offset);
  if ((root?.weight ?? 0) > Math.max(1e8, trace.opcodeCount * MAX_GROWTH)) {
    note(trace, "expansion", offset, `${trace.opcodeCount} opcodes stand for more than ${(root?.weight ?? 0).toExponential(1)} objects`);
  }
  return true;
}

/** The number that is the argument, or the length of the payload behind it. Numbers beyond 2^53 come back as infinite. */
function headNumber(walk: Walk, form: ArgumentForm): number {
  const bytes = headBytes[form];
  const at = walk.at - walk.windowStart;
  const view = new DataView(walk.window.buffer, walk.window.byteOffset + at, Math.min(bytes, walk.window.length - at));
  walk.at += bytes;
  if (bytes > view.byteLength) return Number.NaN;
  switch (form) {
    case "u1":
    case "data-u1":
      return view.getUint8(0);
    case "u2":
      return view.getUint16(0, true);
    case "u4":
    case "data-u4":
      return view.getUint32(0, true);
    case "i4":
    case "data-i4":
      return view.getInt32(0, true);
    case "u8":
    case "data-u8": {
      const value = view.getBigUint64(0, true);
      return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value);
    }
    default:
      return view.getFloat64(0, false);
  }
}

function* readArgument(walk: Walk, machine: Machine, opcode: Opcode, offset: number, start: number, depth: number): Reading<boolean> {
  const { trace } = machine;
  if (opcode.form === "line" || opcode.form === "two-lines") return yield* readLines(walk, machine, opcode, offset);
  const number = headNumber(walk, opcode.form);
  if (Number.isNaN(number) && opcode.form !== "f8") {
    note(trace, "truncated", offset);
    return false;
  }
  if (opcode.form.startsWith("data-")) {
    if (number < 0) {
      note(trace, "argument_malformed", offset, `${opcode.name} of negative length`);
      return false;
    }
    if (walk.at + number > walk.size) {
      note(trace, "truncated", offset, `${opcode.name} of ${number} bytes`);
      return false;
    }
    yield* readPayload(walk, machine, opcode.name, number, offset, depth);
    return true;
  }
  takeNumber(walk, machine, opcode.name, number, offset, start);
  return true;
}

function takeNumber(walk: Walk, machine: Machine, name: string, number: number, offset: number, start: number): void {
  const { trace } = machine;
  switch (name) {
    case "PROTO":
      if (offset !== start || number > 5) note(trace, "protocol_misplaced", offset, `protocol ${number}`);
      trace.protocol = Math.max(trace.protocol, Math.min(number, 255));
      return;
    case "FRAME":
      if (walk.at + number > walk.size) note(trace, "frame_beyond_end", offset, `frame of ${number} bytes`);
      return;
    case "BINGET":
    case "LONG_BINGET":
      recall(machine, number, offset);
      return;
    case "BINPUT":
    case "LONG_BINPUT":
      memorise(machine, number, offset);
      return;
    case "EXT1":
    case "EXT2":
    case "EXT4":
      note(trace, "extension_code", offset, `code ${number}`);
      push(machine, OTHER, offset);
      return;
    default:
      push(machine, numberValue(number), offset);
  }
}

function* readPayload(walk: Walk, machine: Machine, name: string, length: number, offset: number, depth: number): Reading<void> {
  const end = walk.at + length;
  const kept = Math.min(length, KEPT_TEXT * 4);
  yield* fillWindow(walk, kept);
  const from = walk.at - walk.windowStart;
  const head = walk.window.subarray(from, from + kept);
  if (name.startsWith("LONG")) {
    push(machine, length <= 6 ? numberValue(littleEndian(head)) : { kind: "number", number: Number.POSITIVE_INFINITY, text: hex(head), weight: 1 }, offset);
  } else if (name.includes("UNICODE")) push(machine, textValue(utf8.decode(head).slice(0, KEPT_TEXT)), offset);
  else {
    // Python 2 wrote names and bytes alike as STRING.
    push(machine, name.includes("STRING") ? textValue(latin1.decode(head).slice(0, KEPT_TEXT)) : BYTES, offset);
    if (looksLikePickle(head) && length > 3) yield* lookInside(walk, machine.trace, end, depth);
  }
  walk.at = end;
}

const hex = (bytes: Uint8Array): string => Array.from(bytes.subarray(0, 32), (byte) => byte.toString(16).padStart(2, "0")).join("");

function littleEndian(bytes: Uint8Array): number {
  const value = bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
  return (bytes.at(-1) ?? 0) >= 0x80 ? value - 256 ** bytes.length : value;
}

function looksLikePickle(head: Uint8Array): boolean {
  if (head[0] === 0x80 && (head[1] ?? 0) >= 1 && (head[1] ?? 9) <= 5) return true;
  return (head[0] === 0x63 || head[0] === 0x28) && /^\(*[ci][\w.]+\n[\w.]+\n/.test(latin1.decode(head.subarray(0, 200)));
}

/** A pickle inside a byte string: its imports count as much as the outer ones. */
function* lookInside(walk: Walk, trace: Trace, end: number, depth: number): Reading<void> {
  note(trace, "nested_pickle", walk.at);
  trace.nestedCount += 1;
  if (depth >= trace.limits.maxNesting) {
    note(trace, "limit", walk.at, `pickles nested more than ${trace.limits.maxNesting} deep`);
    return;
  }
  const before = trace.streamCount;
  const inner: Walk = { ...walk, size: end, safeEnd: -1, path: [] };
  yield* disassemble(inner, trace, depth + 1);
  trace.streamCount = before;
  // The window may have moved on while the inner stream was read.
  walk.window = inner.window;
  walk.windowStart = inner.windowStart;
  walk.safeEnd = -1;
}

function* skipInlineArray(walk: Walk, machine: Machine, depth: number): Reading<boolean> {
  const array = inlineArrayOf(machine.stack.at(-1));
  if (array === null) return true;
  const { trace } = machine;
  trace.arrayCount += 1;
  if (array.kind === "unknown") {
    note(trace, "array_unknown", walk.at);
    return false;
  }
  if (array.kind === "pickle") {
    const before = trace.streamCount;
    const whole = yield* disassemble(walk, trace, depth + 1);
    trace.streamCount = before;
    return whole;
  }
  if (array.isAligned) {
    if (needsBytes(walk)) yield* fillWindow(walk);
    walk.at += 1 + (walk.window[walk.at - walk.windowStart] ?? 0);
  }
  trace.arrayBytes += array.length;
  walk.at += array.length;
  if (walk.at <= walk.size) return true;
  note(trace, "truncated", walk.at - array.length, `an array of ${array.length} bytes`);
  return false;
}

function* readLines(walk: Walk, machine: Machine, opcode: Opcode, offset: number): Reading<boolean> {
  const first = yield* readLine(walk, machine.trace, offset);
  if (first === null) return false;
  if (opcode.form === "two-lines") {
    const second = yield* readLine(walk, machine.trace, offset);
    if (second === null) return false;
    if (opcode.name === "INST") instantiate(machine, first, second, offset);
    else importGlobal(machine, first, second, offset);
    return true;
  }
  if (opcode.name === "GET" || opcode.name === "PUT") {
    const index = Number(first);
    if (!/^\d{1,10}$/.test(first)) {
      note(machine.trace, "argument_malformed", offset, `${opcode.name} ${first.slice(0, 40)}`);
      return false;
    }
    if (opcode.name === "GET") recall(machine, index, offset);
    else memorise(machine, index, offset);
    return true;
  }
  push(machine, lineValue(machine, opcode.name, first, offset), offset);
  return true;
}

function lineValue({ trace }: Machine, name: string, line: string, offset: number): Value {
  switch (name) {
    case "STRING": {
      const inner = /^(['"])([^]*)\1$/.exec(line)?.[2];
      if (inner === undefined) note(trace, "argument_malformed", offset, "STRING without quotes");
      return textValue((inner ?? "").slice(0, KEPT_TEXT));
    }
    case "UNICODE":
      return textValue(line.slice(0, KEPT_TEXT));
    case "PERSID":
      note(trace, "persistent_id", offset);
      return PERSISTENT;
    default: {
      const number = Number(line.replace(/L$/, ""));
      if (Number.isNaN(number) && !/^[-+]?(nan|inf)/i.test(line)) note(trace, "argument_malformed", offset, `${name} ${line.slice(0, 40)}`);
      return numberValue(number);
    }
  }
}

function* readLine(walk: Walk, trace: Trace, offset: number): Reading<string | null> {
  for (let need = 256; ; need *= 4) {
    yield* fillWindow(walk, Math.min(need, MAX_LINE));
    const from = walk.at - walk.windowStart;
    const end = walk.window.indexOf(0x0a, from);
    if (end >= 0 && end - from <= MAX_LINE) {
      walk.at = walk.windowStart + end + 1;
      return latin1.decode(walk.window.subarray(from, end)).replace(/\r$/, "");
    }
    if (need < MAX_LINE && walk.windowStart + walk.window.length < walk.size) continue;
    note(trace, walk.size - walk.at > MAX_LINE ? "argument_malformed" : "truncated", offset, "a line without end");
    return null;
  }
}

import {
  addTo,
  BYTES,
  container,
  entryOf,
  globalValue,
  NONE,
  OTHER,
  PERSISTENT,
  resultOf,
  type Value,
} from "./symbolic-value.ts";
import { note, noteCall, noteImport, type Trace } from "./trace.ts";

/** Stack and memo of one stream. A mark is a place on the stack. */
export type Machine = { readonly stack: Value[]; readonly marks: number[]; readonly memo: Map<number, Value>; readonly trace: Trace };

export const startMachine = (trace: Trace): Machine => ({ stack: [], marks: [], memo: new Map(), trace });

/** A call that asks for more than this many bytes or items in one go is no model's. */
const MAX_ALLOCATION = 1_000_000;

/** What is below the top mark stays: Python's unpickler may not pop past it either. */
function pop(machine: Machine, offset: number): Value {
  const floor = machine.marks.at(-1) ?? 0;
  const value = machine.stack.length > floor ? machine.stack.pop() : undefined;
  if (value !== undefined) return value;
  note(machine.trace, "stack_underflow", offset);
  return OTHER;
}

function top(machine: Machine, offset: number): Value {
  const value = machine.stack.at(-1);
  if (value !== undefined) return value;
  note(machine.trace, "stack_underflow", offset);
  return OTHER;
}

function popMark(machine: Machine, offset: number): Value[] {
  const mark = machine.marks.pop();
  if (mark === undefined) {
    note(machine.trace, "stack_underflow", offset);
    return [];
  }
  return machine.stack.splice(mark);
}

export function push(machine: Machine, value: Value, offset: number): void {
  if (machine.stack.length >= machine.trace.limits.maxStack) {
    note(machine.trace, "limit", offset, `more than ${machine.trace.limits.maxStack} objects on the stack`);
    return;
  }
  machine.stack.push(value);
}

export function memorise(machine: Machine, index: number, offset: number): void {
  if (machine.memo.size >= machine.trace.limits.maxMemo && !machine.memo.has(index)) {
    note(machine.trace, "limit", offset, `more than ${machine.trace.limits.maxMemo} remembered objects`);
    return;
  }
  machine.memo.set(index, top(machine, offset));
}

export function recall(machine: Machine, index: number, offset: number): void {
  const value = machine.memo.get(index);
  if (value === undefined) note(machine.trace, "memo_missing", offset, `entry ${index}`);
  push(machine, value ?? OTHER, offset);
}

function change(machine: Machine, target: Value, items: readonly Value[], offset: number): void {
  if (target.kind === "global") note(machine.trace, "change_on_import", offset, (target.text ?? "").replace("\n", "."));
  addTo(target, items);
}

function call(machine: Machine, callee: Value, args: Value, offset: number): Value {
  noteCall(machine.trace, callee, offset);
  const size = args.items?.find(({ kind, number }) => kind === "number" && (number ?? 0) > MAX_ALLOCATION);
  if (size !== undefined && /^(builtins|__builtin__)\n(bytes|bytearray|range|xrange|list|tuple)$/.test(callee.text ?? "")) {
    note(machine.trace, "allocation", offset, `${(callee.text ?? "").replace("\n", ".")}(${size.number})`);
  }
  return resultOf(callee, args);
}

function build(machine: Machine, offset: number): void {
  const state = pop(machine, offset);
  const target = top(machine, offset);
  if (target.kind === "global") note(machine.trace, "build_on_import", offset, (target.text ?? "").replace("\n", "."));
  target.weight += state.weight;
  if (target.kind === "result") target.state = state;
  const version = entryOf(state, "_sklearn_version");
  if (version?.kind === "text" && machine.trace.frameworkVersion === null) machine.trace.frameworkVersion = version.text?.slice(0, 64) ?? null;
}

const mustName = (value: Value): string | null => (value.kind === "text" ? (value.text ?? null) : null);

function stackGlobal(machine: Machine, offset: number): Value {
  const name = mustName(pop(machine, offset));
  const module = mustName(pop(machine, offset));
  if (name === null || module === null) {
    note(machine.trace, "global_unresolved", offset);
    return OTHER;
  }
  noteImport(machine.trace, module, name, offset);
  return globalValue(module, name);
}

function newObject(machine: Machine, extra: boolean, offset: number): Value {
  const keywords = extra ? pop(machine, offset) : NONE;
  const args = pop(machine, offset);
  const made = call(machine, pop(machine, offset), args, offset);
  made.weight += keywords.weight;
  return made;
}

function persistentId(machine: Machine, offset: number): Value {
  const id = pop(machine, offset);
  const isStorage = machine.trace.allowsPersistentIds && id.items?.[0]?.text === "storage";
  if (!isStorage) note(machine.trace, "persistent_id", offset);
  return PERSISTENT;
}

/** Opcodes that push something new and look at nothing. */
const constants: Readonly<Record<string, (() => Value) | undefined>> = {
  NONE: () => NONE,
  NEWTRUE: () => OTHER,
  NEWFALSE: () => OTHER,
  EMPTY_LIST: () => container("list", []),
  EMPTY_TUPLE: () => container("list", []),
  EMPTY_SET: () => container("list", []),
  EMPTY_DICT: () => container("dict", []),
};

/** Opcodes that work on the stack alone. Answers false for one that is not among them. */
export function step(machine: Machine, name: string, offset: number): boolean {
  const { stack, trace } = machine;
  const give = (value: Value): void => push(machine, value, offset);
  const constant = constants[name];
  if (constant !== undefined) {
    give(constant());
    return true;
  }
  switch (name) {
    case "MARK":
      machine.marks.push(stack.length);
      if (machine.marks.length > trace.limits.maxStack) note(trace, "limit", offset, "too many marks");
      return true;
    case "POP":
      if (stack.length === machine.marks.at(-1)) machine.marks.pop();
      else pop(machine, offset);
      return true;
    case "POP_MARK":
      popMark(machine, offset);
      return true;
    case "DUP":
      give(top(machine, offset));
      return true;
    case "LIST":
    case "TUPLE":
    case "FROZENSET":
      give(container("list", popMark(machine, offset)));
      return true;
    case "DICT":
      give(container("dict", popMark(machine, offset)));
      return true;
    case "TUPLE1":
      give(container("list", [pop(machine, offset)]));
      return true;
    case "TUPLE2":
    case "TUPLE3": {
      const items = Array.from({ length: name === "TUPLE2" ? 2 : 3 }, () => pop(machine, offset));
      give(container("list", items.reverse()));
      return true;
    }
    default:
      return stepOnObjects(machine, name, offset);
  }
}

function stepOnObjects(machine: Machine, name: string, offset: number): boolean {
  const give = (value: Value): void => push(machine, value, offset);
  switch (name) {
    case "APPEND": {
      const item = pop(machine, offset);
      change(machine, top(machine, offset), [item], offset);
      return true;
    }
    case "APPENDS":
    case "ADDITEMS":
    case "SETITEMS": {
      const items = popMark(machine, offset);
      change(machine, top(machine, offset), items, offset);
      return true;
    }
    case "SETITEM": {
      const value = pop(machine, offset);
      const key = pop(machine, offset);
      change(machine, top(machine, offset), [key, value], offset);
      return true;
    }
    case "BUILD":
      build(machine, offset);
      return true;
    case "REDUCE": {
      const args = pop(machine, offset);
      give(call(machine, pop(machine, offset), args, offset));
      return true;
    }
    case "NEWOBJ":
      give(newObject(machine, false, offset));
      return true;
    case "NEWOBJ_EX":
      give(newObject(machine, true, offset));
      return true;
    case "OBJ": {
      const [callee = OTHER, ...args] = popMark(machine, offset);
      give(call(machine, callee, container("list", args), offset));
      return true;
    }
    case "STACK_GLOBAL":
      give(stackGlobal(machine, offset));
      return true;
    case "BINPERSID":
      give(persistentId(machine, offset));
      return true;
    case "MEMOIZE":
      memorise(machine, machine.memo.size, offset);
      return true;
    case "NEXT_BUFFER":
      note(machine.trace, "out_of_band", offset);
      give(BYTES);
      return true;
    case "READONLY_BUFFER":
      return true;
    default:
      return false;
  }
}

/** INST: an import and a call in one opcode. */
export function instantiate(machine: Machine, module: string, name: string, offset: number): void {
  noteImport(machine.trace, module, name, offset);
  push(machine, call(machine, globalValue(module, name), container("list", popMark(machine, offset)), offset), offset);
}

export function importGlobal(machine: Machine, module: string, name: string, offset: number): void {
  noteImport(machine.trace, module, name, offset);
  push(machine, globalValue(module, name), offset);
}

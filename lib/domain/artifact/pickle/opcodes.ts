/**
 * The opcodes of pickle protocols 0 to 5 with the form of their argument.
 * Source: CPython, Lib/pickletools.py and Lib/pickle.py.
 */

/** How the argument lies in the file: bytes of a number, a line, two lines, or a payload behind its length. */
export type ArgumentForm = "none" | "u1" | "u2" | "u4" | "i4" | "u8" | "f8" | "line" | "two-lines" | "data-u1" | "data-u4" | "data-u8" | "data-i4";

export type Opcode = { readonly name: string; readonly form: ArgumentForm };

const table: readonly (readonly [number | string, string, ArgumentForm])[] = [
  ["(", "MARK", "none"],
  [".", "STOP", "none"],
  ["0", "POP", "none"],
  ["1", "POP_MARK", "none"],
  ["2", "DUP", "none"],
  ["F", "FLOAT", "line"],
  ["I", "INT", "line"],
  ["J", "BININT", "i4"],
  ["K", "BININT1", "u1"],
  ["L", "LONG", "line"],
  ["M", "BININT2", "u2"],
  ["N", "NONE", "none"],
  ["P", "PERSID", "line"],
  ["Q", "BINPERSID", "none"],
  ["R", "REDUCE", "none"],
  ["S", "STRING", "line"],
  ["T", "BINSTRING", "data-i4"],
  ["U", "SHORT_BINSTRING", "data-u1"],
  ["V", "UNICODE", "line"],
  ["X", "BINUNICODE", "data-u4"],
  ["a", "APPEND", "none"],
  ["b", "BUILD", "none"],
  ["c", "GLOBAL", "two-lines"],
  ["d", "DICT", "none"],
  ["}", "EMPTY_DICT", "none"],
  ["e", "APPENDS", "none"],
  ["g", "GET", "line"],
  ["h", "BINGET", "u1"],
  ["i", "INST", "two-lines"],
  ["j", "LONG_BINGET", "u4"],
  ["l", "LIST", "none"],
  ["]", "EMPTY_LIST", "none"],
  ["o", "OBJ", "none"],
  ["p", "PUT", "line"],
  ["q", "BINPUT", "u1"],
  ["r", "LONG_BINPUT", "u4"],
  ["s", "SETITEM", "none"],
  ["t", "TUPLE", "none"],
  [")", "EMPTY_TUPLE", "none"],
  ["u", "SETITEMS", "none"],
  ["G", "BINFLOAT", "f8"],
  ["B", "BINBYTES", "data-u4"],
  ["C", "SHORT_BINBYTES", "data-u1"],
  [0x80, "PROTO", "u1"],
  [0x81, "NEWOBJ", "none"],
  [0x82, "EXT1", "u1"],
  [0x83, "EXT2", "u2"],
  [0x84, "EXT4", "i4"],
  [0x85, "TUPLE1", "none"],
  [0x86, "TUPLE2", "none"],
  [0x87, "TUPLE3", "none"],
  [0x88, "NEWTRUE", "none"],
  [0x89, "NEWFALSE", "none"],
  [0x8a, "LONG1", "data-u1"],
  [0x8b, "LONG4", "data-i4"],
  [0x8c, "SHORT_BINUNICODE", "data-u1"],
  [0x8d, "BINUNICODE8", "data-u8"],
  [0x8e, "BINBYTES8", "data-u8"],
  [0x8f, "EMPTY_SET", "none"],
  [0x90, "ADDITEMS", "none"],
  [0x91, "FROZENSET", "none"],
  [0x92, "NEWOBJ_EX", "none"],
  [0x93, "STACK_GLOBAL", "none"],
  [0x94, "MEMOIZE", "none"],
  [0x95, "FRAME", "u8"],
  [0x96, "BYTEARRAY8", "data-u8"],
  [0x97, "NEXT_BUFFER", "none"],
  [0x98, "READONLY_BUFFER", "none"],
];

/** By the opcode's byte; undefined where pickle defines none. */
export const opcodes: readonly (Opcode | undefined)[] = (() => {
  const byByte: (Opcode | undefined)[] = Array.from({ length: 256 }, () => undefined);
  for (const [at, name, form] of table) byByte[typeof at === "number" ? at : at.charCodeAt(0)] = { name, form };
  return byByte;
})();

/** Bytes of the number that stands in for the argument or announces its length. */
export const headBytes: Readonly<Record<ArgumentForm, number>> = {
  none: 0,
  u1: 1,
  u2: 2,
  u4: 4,
  i4: 4,
  u8: 8,
  f8: 8,
  line: 0,
  "two-lines": 0,
  "data-u1": 1,
  "data-u4": 4,
  "data-u8": 8,
  "data-i4": 4,
};

import { concat, type Bytes } from "#lib/domain/artifact/onnx-builder.fixture.ts";

/** Writes pickles opcode by opcode, for tests: nothing here can be run by Python unless somebody does. */
const ascii = (text: string): Bytes => Uint8Array.from(text, (character) => character.charCodeAt(0));

export const op = (...parts: readonly (string | number | Bytes)[]): Bytes =>
  concat(parts.map((part) => (typeof part === "string" ? ascii(part) : typeof part === "number" ? Uint8Array.of(part) : part)));

export const PROTO4 = op(0x80, 4);
export const STOP = op(".");
/** SHORT_BINUNICODE */
export const str = (text: string): Bytes => op(0x8c, text.length, text);
export const u32 = (value: number): Bytes => new Uint8Array(Uint32Array.of(value).buffer);
export const u64 = (value: number | bigint): Bytes => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);
/** GLOBAL of protocol 0. */
export const imported = (module: string, name: string): Bytes => op("c", module, "\n", name, "\n");
/** STACK_GLOBAL of protocol 4. */
export const stackImported = (module: string, name: string): Bytes => op(str(module), str(name), 0x93);
/** An import called with texts. */
export const called = (callee: Bytes, ...args: readonly Bytes[]): Bytes => op(callee, "(", ...args, "tR");
export const pickle4 = (...parts: readonly Bytes[]): Bytes => op(PROTO4, ...parts, STOP);
/** Runs `id` in a shell when Python loads it. */
export const shell = (): Bytes => pickle4(called(stackImported("os", "system"), str("id > /tmp/slipway-was-here")));
export const bytesOp = (content: Bytes): Bytes => op("B", u32(content.length), content);

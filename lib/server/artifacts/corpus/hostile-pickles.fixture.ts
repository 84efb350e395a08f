import { deflateSync, gzipSync } from "node:zlib";
import { concat, type Bytes } from "#lib/domain/artifact/onnx-builder.fixture.ts";
import { zip } from "./archive-builder.fixture.ts";
import { bytesOp, called, imported, op, pickle4, PROTO4, shell, stackImported, STOP, str, u32, u64 } from "./pickle-builder.fixture.ts";

/** A hostile or broken artifact, and the code of the finding or refusal that it must get. */
export type Hostile = { readonly name: string; readonly bytes: Bytes; readonly gives: string; readonly severity: "block" | "warn" | "refused" };

const utf8 = new TextEncoder();
const dangerous = (name: string, bytes: Bytes): Hostile => ({ name, bytes, gives: "pickle_dangerous_import", severity: "block" });
const odd = (name: string, bytes: Bytes, gives: string): Hostile => ({ name, bytes, gives, severity: "warn" });
const broken = (name: string, bytes: Bytes, gives: string): Hostile => ({ name, bytes, gives, severity: "block" });

const torchZip = (content: Bytes, more: Partial<Parameters<typeof zip>[0][number]> = {}): Bytes =>
  zip([{ name: "archive/data.pkl", content, ...more }, { name: "archive/version", content: utf8.encode("3\n") }]);

const imports: readonly (readonly [string, string])[] = [
  ["posix", "system"], ["nt", "system"], ["subprocess", "Popen"], ["builtins", "eval"], ["builtins", "exec"], ["builtins", "getattr"],
  ["builtins", "__import__"], ["__builtin__", "apply"], ["operator", "attrgetter"], ["pkgutil", "resolve_name"], ["pip", "main"], ["runpy", "run_path"],
  ["importlib", "import_module"], ["ctypes", "CDLL"], ["socket", "create_connection"], ["webbrowser", "open"], ["shutil", "rmtree"], ["pickle", "loads"],
  ["torch.hub", "load"], ["numpy.testing._private.utils", "runstring"], ["torch.utils.collect_env", "run"], ["pandas", "read_csv"], ["asyncio.unix_events", "_UnixSubprocessTransport"],
  ["idlelib.pyshell", "ModifiedInterpreter"], ["functools", "reduce"], ["types", "FunctionType"], ["ensurepip", "_run_pip"], ["sklearn.utils._testing", "TempMemmap"],
];

function memoBomb(): Bytes {
  const doubled = Array.from({ length: 60 }, (_, index) => op("h", index, "h", index, 0x86, "q", index + 1));
  return op(0x80, 2, "]", "K", 1, "a", "q", 0, "0", ...doubled.slice(0, 1), ...doubled.slice(1).map((part) => op("0", part)), STOP);
}

const nested = (inner: Bytes, depth: number): Bytes => (depth === 0 ? inner : pickle4(bytesOp(nested(inner, depth - 1))));

export const hostilePickles: readonly Hostile[] = [
  dangerous("os.system, protocol 4", shell()),
  dangerous("os.system, protocol 0", op(called(imported("os", "system"), op("S'id'\n")), STOP)),
  dangerous("INST of protocol 0", op("(S'id'\nios\nsystem\n", STOP)),
  dangerous("OBJ", op(0x80, 2, "(", imported("os", "system"), str("id"), "o", STOP)),
  ...imports.map(([module, name]) => dangerous(`${module}.${name}`, pickle4(called(stackImported(module, name), str("x"))))),
  dangerous("a submodule of a dangerous module", pickle4(called(stackImported("os.path", "join"), str("x")))),
  dangerous("a dotted name", pickle4(called(stackImported("collections", "OrderedDict.__init__.__globals__"), str("x")))),
  dangerous("import without a call", pickle4(stackImported("os", "system"))),
  dangerous("payload before a broken end", op(PROTO4, called(stackImported("os", "system"), str("id")), 0xff)),
  dangerous("payload in the second pickle", concat([pickle4(str("a model")), shell()])),
  dangerous("payload in a nested pickle", nested(shell(), 1)),
  dangerous("payload three pickles deep", nested(shell(), 3)),
  dangerous("payload in an array of objects of joblib", concat([pickle4(str("x")), shell()])),
  dangerous("payload under zlib", new Uint8Array(deflateSync(shell()))),
  dangerous("payload under gzip", new Uint8Array(gzipSync(shell()))),
  dangerous("payload in a torch archive", torchZip(shell())),
  dangerous("payload in a deflated torch archive", torchZip(shell(), { deflate: true })),
  dangerous("payload in a second pickle of a torch archive", zip([{ name: "archive/data.pkl", content: pickle4(str("x")) }, { name: "archive/extra.bin", content: shell() }])),
  dangerous("names from the memo", pickle4(op(str("os"), 0x94, "0", str("system"), 0x94, "0", "h", 0, "h", 1, 0x93, "(", str("id"), "tR"))),
  odd("computed name", pickle4(op(str("os"), str("sys"), 0x85, 0x93)), "pickle_global_unresolved"),
  odd("unknown class", pickle4(called(stackImported("my_company.models", "Scorer"), str("x"))), "pickle_unknown_import"),
  odd("class of __main__", pickle4(called(stackImported("__main__", "Scorer"), str("x"))), "pickle_unknown_import"),
  odd("cloudpickle function", pickle4(called(stackImported("cloudpickle.cloudpickle", "_make_function"), str("x"))), "pickle_carries_code"),
  odd("calls the result of a call", pickle4(called(called(stackImported("collections", "OrderedDict")), str("x"))), "pickle_computed_call"),
  odd("BUILD on an imported class", pickle4(stackImported("numpy", "ndarray"), op("}", str("shape"), str("x"), "s", "b")), "pickle_build_on_import"),
  odd("SETITEM on an imported object", pickle4(stackImported("numpy", "ndarray"), op(str("a"), str("b"), "s")), "pickle_change_on_import"),
  odd("extension code", op(PROTO4, 0x82, 7, STOP), "pickle_extension_code"),
  odd("persistent id", op(PROTO4, str("file:///etc/passwd"), "Q", STOP), "pickle_persistent_id"),
  odd("persistent id of protocol 0", op("(lp0\nPfile:///etc/passwd\na", STOP), "pickle_persistent_id"),
  odd("second PROTO", op(PROTO4, str("x"), 0x80, 2, STOP), "pickle_protocol_misplaced"),
  odd("protocol that does not exist", op(0x80, 5, 0x80, 9, "N", STOP), "pickle_protocol_misplaced"),
  odd("objects left on the stack", pickle4(str("a"), str("b")), "pickle_stack_left"),
  odd("empty stack", op(PROTO4, "00N", STOP), "pickle_stack_underflow"),
  odd("memo entry that is not there", op(PROTO4, "h", 9, STOP), "pickle_memo_missing"),
  odd("frame past the end", op(PROTO4, 0x95, u64(1_000_000), "N", STOP), "pickle_frame_beyond_end"),
  odd("bytes behind the end", concat([pickle4(str("x")), utf8.encode("and then something else")]), "pickle_trailing_data"),
  odd("polyglot of pickle and zip", concat([pickle4(str("x")), zip([{ name: "a.txt", content: utf8.encode("x") }])]), "pickle_trailing_data"),
  odd("two pickles", concat([pickle4(str("x")), pickle4(str("y"))]), "pickle_trailing_data"),
  odd("billion laughs in the memo", memoBomb(), "pickle_expansion"),
  odd("bytearray of a terabyte", pickle4(called(stackImported("builtins", "bytearray"), op(0x8a, 5, 0, 0, 0, 0, 1))), "pickle_allocation"),
  odd("nested deeper than is followed", nested(pickle4(str("x")), 6), "pickle_limit"),
  odd("buffers out of band", op(0x80, 5, 0x97, STOP), "pickle_out_of_band"),
  odd("array of an unknown type", pickle4(called(stackImported("joblib.numpy_pickle", "NumpyArrayWrapper")), op("}", str("dtype"), str("what"), "sb")), "pickle_array_unknown"),
  broken("cut off before STOP", op(PROTO4, str("x")), "pickle_truncated"),
  broken("string past the end", op(PROTO4, "X", u32(4_000_000_000), "x"), "pickle_truncated"),
  broken("bytes of 2^60", op(PROTO4, 0x8e, u64(2n ** 60n), "x"), "pickle_truncated"),
  broken("line without end", op("(lp0\nS'never", "x".repeat(100)), "pickle_truncated"),
  broken("byte that is no opcode", op(PROTO4, 0xff, STOP), "pickle_opcode_unknown"),
  broken("negative length", op(PROTO4, "T", u32(0xffffffff), STOP), "pickle_argument_malformed"),
  broken("GET of a word", op("(lp0\n0gabc\n", STOP), "pickle_argument_malformed"),
  { name: "damaged zlib", bytes: concat([new Uint8Array(deflateSync(shell())).subarray(0, 20), Uint8Array.of(9, 9, 9)]), gives: "artifact_malformed", severity: "refused" },
  { name: "zlib bomb", bytes: new Uint8Array(deflateSync(concat([pickle4(bytesOp(new Uint8Array(64 * 1024 * 1024)))]))), gives: "artifact_limit_exceeded", severity: "refused" },
  { name: "gzip of something else", bytes: new Uint8Array(gzipSync(utf8.encode("a,b\n1,2\n".repeat(100)))), gives: "artifact_format_unsupported", severity: "refused" },
  { name: "xz", bytes: op(0xfd, "7zXZ", 0, "whatever it holds"), gives: "artifact_format_unsupported", severity: "refused" },
  { name: "lz4 frame", bytes: op(0x04, 0x22, 0x4d, 0x18, "whatever it holds"), gives: "artifact_format_unsupported", severity: "refused" },
  { name: "torch archive with two accounts of a name", bytes: torchZip(pickle4(str("x")), { localName: "archive/else.pkl" }), gives: "archive_mismatch", severity: "block" },
  { name: "torch archive with two sizes", bytes: torchZip(pickle4(str("x")), { localSize: 3 }), gives: "archive_mismatch", severity: "block" },
  { name: "torch archive with a wrong checksum", bytes: torchZip(pickle4(str("x")), { crc: 7 }), gives: "archive_checksum", severity: "warn" },
  { name: "encrypted torch archive", bytes: torchZip(pickle4(str("x")), { flags: 1 }), gives: "archive_encrypted", severity: "block" },
];

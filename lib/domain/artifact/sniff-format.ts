import type { ArtifactRefusal } from "./types.ts";

/** How many bytes from the start `sniffFormat` needs to see. */
export const SNIFF_BYTES = 4096;

export const artifactFormats = [
  "onnx",
  "pickle",
  "joblib",
  "torch",
  "torchscript",
  "keras",
  "zip",
  "hdf5",
  "savedmodel",
  "tflite",
  "ort",
  "pmml",
  "xml",
  "safetensors",
  "gguf",
  "numpy",
  "xgboost",
  "lightgbm",
  "catboost",
  "gzip",
  "bzip2",
  "xz",
  "zstd",
  "7z",
  "tar",
  "git-lfs",
  "html",
  "json",
  "text",
  "executable",
  "empty",
  "unknown",
] as const;
export type ArtifactFormat = (typeof artifactFormats)[number];

const latin1 = (bytes: Uint8Array, from: number, to: number): string => {
  let text = "";
  for (let index = from; index < Math.min(to, bytes.length); index += 1) {
    text += String.fromCharCode(bytes[index] ?? 0);
  }
  return text;
};

/**
 * What a file is, by its first bytes and size, never by its name. Sure of itself only where the bytes are;
 * anything that starts like an ONNX ModelProto is `onnx`, and the inspector has the last word.
 */
export function sniffFormat(head: Uint8Array, sizeBytes: number): ArtifactFormat {
  if (sizeBytes === 0 || head.length === 0) return "empty";
  return (
    byMagic(head) ??
    zipKind(head) ??
    byProtobuf(head) ??
    byPickle(head) ??
    bySafetensors(head, sizeBytes) ??
    byText(head) ??
    "unknown"
  );
}

/** [offset, bytes as Latin-1, format]; the first that fits wins. */
const magics: readonly (readonly [number, string, ArtifactFormat])[] = [
  [0, "\x89HDF\r\n\x1a\n", "hdf5"],
  [0, "\x1f\x8b", "gzip"],
  [0, "BZh", "bzip2"],
  [0, "\xfd7zXZ\0", "xz"],
  [0, "\x28\xb5\x2f\xfd", "zstd"],
  [0, "7z\xbc\xaf\x27\x1c", "7z"],
  [257, "ustar", "tar"],
  [4, "TFL3", "tflite"],
  [4, "ORTM", "ort"],
  [0, "GGUF", "gguf"],
  [0, "\x93NUMPY", "numpy"],
  [0, "CBM1", "catboost"],
  [0, "\x7fELF", "executable"],
  [0, "MZ", "executable"],
  [0, "\xcf\xfa\xed\xfe", "executable"],
  [0, "#!", "executable"],
];

function byMagic(head: Uint8Array): ArtifactFormat | null {
  for (const [offset, magic, format] of magics) {
    if (latin1(head, offset, offset + magic.length) === magic) return format;
  }
  return null;
}

/** The local headers at the start name the first entries, which give the framework away. */
function zipKind(head: Uint8Array): ArtifactFormat | null {
  if (!/^PK(\x03\x04|\x05\x06|\x07\x08)/.test(latin1(head, 0, 4))) return null;
  const text = latin1(head, 0, head.length);
  if (text.includes("constants.pkl") || text.includes("/code/__torch__")) return "torchscript";
  if (text.includes("data.pkl") || text.includes("archive/")) return "torch";
  if (text.includes("model.weights.h5") || text.includes("config.json")) return "keras";
  if (text.includes("saved_model.pb")) return "savedmodel";
  if (/PK\x03\x04[^]{26}[^]{0,200}?\.npy/.test(text)) return "numpy";
  return "zip";
}

/**
 * Both ONNX and TensorFlow's SavedModel start with field 1 as a small number. In a SavedModel it is 1 and field 2 is a graph that starts
 * with its own field 1; in ONNX it is the IR version (3 and up since 2017) and any field of ModelProto may follow.
 */
function byProtobuf(head: Uint8Array): ArtifactFormat | null {
  const [tag, version, next] = head;
  if (tag !== 0x08 || version === undefined || next === undefined || version > 0x7f) {
    return startsWithModelField(head) ? "onnx" : null;
  }
  if (version <= 1 && next === 0x12 && isNestedMessage(head, 3)) return "savedmodel";
  return modelTags.has(next) ? "onnx" : null;
}

/** Tags of ModelProto fields 1 to 8 and 14, with the wire type each has. */
const modelTags = new Set([0x08, 0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72]);

/** A ModelProto whose writer did not put the IR version first: a length-delimited field that fits, then another of its fields. */
function startsWithModelField(head: Uint8Array): boolean {
  const [tag, length] = head;
  if (tag === undefined || length === undefined || length > 0x7f || tag === 0x28) return false;
  const following = head[2 + length];
  return modelTags.has(tag) && following !== undefined && modelTags.has(following);
}

function isNestedMessage(head: Uint8Array, lengthAt: number): boolean {
  let at = lengthAt;
  while ((head[at] ?? 0) >= 0x80 && at < lengthAt + 5) at += 1;
  return head[at + 1] === 0x0a;
}

/** PROTO opcode of protocols 2 to 5, or the text opcodes that protocol 0 begins with. */
function byPickle(head: Uint8Array): ArtifactFormat | null {
  if (head[0] === 0x80 && head[1] !== undefined && head[1] >= 2 && head[1] <= 5) {
    const text = latin1(head, 0, head.length);
    if (text.includes("joblib")) return "joblib";
    return "pickle";
  }
  // joblib compresses with a bare zlib stream by default.
  if (
    head[0] === 0x78 &&
    (head[1] === 0x01 || head[1] === 0x5e || head[1] === 0x9c || head[1] === 0xda)
  )
    return "joblib";
  const text = latin1(head, 0, 200);
  return /^\(*([SV][^\n]{0,80}\n)*[ci][\w.]+\n[\w.]+\n/.test(text) || /^\([dl]p?\d*\n/.test(text) ? "pickle" : null;
}

function bySafetensors(head: Uint8Array, sizeBytes: number): ArtifactFormat | null {
  if (head.length < 10 || head[8] !== 0x7b) return null;
  const view = new DataView(head.buffer, head.byteOffset, 8);
  const headerBytes = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  return headerBytes > 1 && headerBytes + 8 <= sizeBytes && head[9] === 0x22 ? "safetensors" : null;
}

function byText(head: Uint8Array): ArtifactFormat | null {
  const text = latin1(head, 0, head.length)
    .replace(/^\xef\xbb\xbf/, "")
    .trimStart();
  if (text.startsWith("version https://git-lfs.github.com/spec/")) return "git-lfs";
  if (/^<(!doctype html|html)/i.test(text)) return "html";
  if (text.startsWith("<")) return /<([A-Za-z_][\w.-]*:)?PMML[\s>]/.test(text) ? "pmml" : "xml";
  if (text.startsWith("{L") || /^\{\s*"(learner|version)"\s*:/.test(text)) return "xgboost";
  if (/^[[{]/.test(text)) return "json";
  if (/^tree\r?\nversion=/.test(text)) return "lightgbm";
  return text.length > 0 && !/[^\t\n\r\x20-\x7e\x80-\xff]/.test(text) ? "text" : null;
}

const PICKLE = "It can run any code when it is opened, so Slipway does not open it.";
const TO_ONNX = "Convert the model to ONNX and register that";
const UNPACK = "Unpack it and register the model file inside.";

/** What was recognised, and what to do, for each format that cannot be registered yet. */
const answers: Readonly<
  Record<Exclude<ArtifactFormat, "onnx">, readonly [what: string, act: string]>
> = {
  pickle: [
    `This is a Python pickle. ${PICKLE}`,
    `${TO_ONNX}: skl2onnx for scikit-learn, torch.onnx.export for PyTorch.`,
  ],
  joblib: [
    `This is a Python pickle written by joblib. ${PICKLE}`,
    `${TO_ONNX}: skl2onnx for scikit-learn.`,
  ],
  torch: [
    `This is a PyTorch checkpoint, a pickle in a zip. ${PICKLE}`,
    `${TO_ONNX}: torch.onnx.export.`,
  ],
  torchscript: [
    "This is a TorchScript archive. Slipway cannot serve it yet.",
    `${TO_ONNX}: torch.onnx.export.`,
  ],
  keras: [
    "This is a Keras archive. Slipway cannot serve it yet.",
    `${TO_ONNX}: tf2onnx or model.export(format="onnx").`,
  ],
  hdf5: [
    "This is an HDF5 file, as older Keras models are. Slipway cannot serve it yet.",
    `${TO_ONNX}: tf2onnx.`,
  ],
  savedmodel: [
    "This is a TensorFlow SavedModel. Slipway cannot serve it yet.",
    `${TO_ONNX}: python -m tf2onnx.convert --saved-model DIR.`,
  ],
  tflite: [
    "This is a TensorFlow Lite model. Slipway cannot serve it yet.",
    `${TO_ONNX}: python -m tf2onnx.convert --tflite FILE.`,
  ],
  ort: [
    "This is a model in ORT format, optimised for one kind of machine.",
    "Register the .onnx file it was made from.",
  ],
  pmml: [
    "This is a PMML document. Slipway cannot serve it yet.",
    "Train or export the same model as ONNX.",
  ],
  xml: ["This is an XML document, not a model that Slipway knows.", "Choose the .onnx file."],
  safetensors: [
    "This is a safetensors file: weights without the model that uses them.",
    `${TO_ONNX}: for Hugging Face models, optimum-cli export onnx.`,
  ],
  gguf: [
    "This is a GGUF language model. Slipway cannot serve it yet.",
    "Serve it with a language-model server.",
  ],
  numpy: ["This is a NumPy array file: numbers without a model.", "Choose the .onnx file."],
  xgboost: [
    "This is an XGBoost model file. Slipway cannot serve it yet.",
    `${TO_ONNX}: onnxmltools.convert_xgboost.`,
  ],
  lightgbm: [
    "This is a LightGBM model file. Slipway cannot serve it yet.",
    `${TO_ONNX}: onnxmltools.convert_lightgbm.`,
  ],
  catboost: [
    "This is a CatBoost model file. Slipway cannot serve it yet.",
    'Save it as ONNX and register that: model.save_model("model.onnx", format="onnx").',
  ],
  zip: ["This is a zip archive, not a model file.", UNPACK],
  gzip: ["This is a gzip-compressed file, not a model file.", UNPACK],
  bzip2: ["This is a bzip2-compressed file, not a model file.", UNPACK],
  xz: ["This is an xz-compressed file, not a model file.", UNPACK],
  zstd: ["This is a zstd-compressed file, not a model file.", UNPACK],
  "7z": ["This is a 7-Zip archive, not a model file.", UNPACK],
  tar: ["This is a tar archive, not a model file.", UNPACK],
  "git-lfs": [
    "This is a Git LFS pointer: the real model was not downloaded.",
    "Run git lfs pull and register the file it fetches.",
  ],
  html: [
    "This is a web page, perhaps a sign-in page that came in place of the download.",
    "Download the model again and check its size.",
  ],
  json: ["This is a JSON document, not a model that Slipway knows.", "Choose the .onnx file."],
  text: ["This is a text file, not a model.", "Choose the .onnx file."],
  executable: ["This is a program, not a model.", "Choose the .onnx file."],
  empty: [
    "The file is empty.",
    "Check that the export finished and that the right file was chosen.",
  ],
  unknown: ["The bytes are of no model format that Slipway recognises.", "Register an .onnx file."],
};

/** Why a file of this format is not taken; null for formats that are. */
export function refuseFormat(format: ArtifactFormat): ArtifactRefusal | null {
  if (format === "onnx") return null;
  const [message, hint] = answers[format];
  return {
    code: format === "empty" ? "artifact_empty" : "artifact_format_unsupported",
    message,
    hint,
    byteOffset: null,
  };
}

/** What a directory that MLflow logged says about itself: which of its files is the model. */

export type DirectoryFile = { readonly path: string };

/** Files that describe a model and are not part of it. */
const DESCRIPTIONS = new Set([
  "MLmodel", "conda.yaml", "python_env.yaml", "requirements.txt", "registered_model_meta", "input_example.json", "serving_input_example.json",
]);

/** Members of a flavour that name its data, in the order in which they are looked for. */
const DATA_MEMBERS = ["data", "pickled_model", "model_data", "saved_model_dir", "model_path"] as const;

export type ModelFiles = { readonly model: string; readonly external: readonly string[] };

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value);

/** The data file that a parsed MLmodel document names, its own flavour before the generic one; null when it names none. */
function dataFileOf(document: unknown): string | null {
  const flavors = isRecord(document) && isRecord(document["flavors"]) ? document["flavors"] : {};
  const names = ["onnx", ...Object.keys(flavors).filter((name) => name !== "onnx" && name !== "python_function")];
  for (const name of names) {
    const flavor = flavors[name];
    if (!isRecord(flavor)) continue;
    for (const member of DATA_MEMBERS) {
      const value = flavor[member];
      if (typeof value === "string" && value !== "") return value.replace(/^\.\//, "");
    }
  }
  return null;
}

/**
 * Which files make the version: the one the MLmodel document names with what lies beside it, or without such a document the only file there is.
 * Null when that cannot be told, or when the model is a directory.
 */
export function modelFilesOf(files: readonly DirectoryFile[], document: unknown): ModelFiles | null {
  const parts = files.map(({ path }) => path).filter((path) => !DESCRIPTIONS.has(path) && !path.startsWith("metadata/"));
  const named = dataFileOf(document) ?? (parts.length === 1 ? (parts[0] ?? null) : (parts.find((path) => /\.(onnx|pmml)$/i.test(path)) ?? null));
  // A flavour may name the folder that its one file is in.
  const inside = parts.filter((path) => path.startsWith(`${named}/`));
  const model = named !== null && parts.includes(named) ? named : inside.length === 1 ? (inside[0] ?? null) : (inside.find((path) => /\.onnx$/i.test(path)) ?? null);
  if (model === null) return null;
  const folder = model.slice(0, model.lastIndexOf("/") + 1);
  const external = /\.onnx$/i.test(model) ? parts.filter((path) => path !== model && path.startsWith(folder) && !path.slice(folder.length).includes("/")) : [];
  return { model, external };
}

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { ExecutionProvider, RegisterRuntimeRequest } from "#lib/contracts/runtime-protocol.ts";

export type EnvironmentReport = NonNullable<RegisterRuntimeRequest["environment"]>;

/** Instruction sets that decide which kernels ONNX Runtime picks, and so the last bits of an answer. */
const TELLING_FEATURES =
  /^(sse4_[12]|avx|avx2|avx512\w*|avx_vnni|amx_\w+|fma|f16c|asimd\w*|sve\w*|bf16|i8mm|fphp)$/;

const require = createRequire(import.meta.url);

function packageRoot(name: string): string | null {
  try {
    const entry = require.resolve(name);
    const marker = `${path.sep}node_modules${path.sep}${name}${path.sep}`;
    const at = entry.lastIndexOf(marker);
    return at < 0 ? null : entry.slice(0, at + marker.length);
  } catch {
    return null;
  }
}

function textOrNull(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

/** Version of an installed package; null when it is not here. */
function packageVersion(name: string): string | null {
  const root = packageRoot(name);
  const text = root === null ? null : textOrNull(path.join(root, "package.json"));
  const parsed: unknown = text === null ? null : JSON.parse(text);
  const version =
    typeof parsed === "object" && parsed !== null && "version" in parsed ? parsed.version : null;
  return typeof version === "string" ? version : null;
}

/** Execution providers whose libraries lie beside ONNX Runtime. Whether one really runs is told by the session that asks for it. */
export function installedProviders(): ExecutionProvider[] {
  const root = packageRoot("onnxruntime-node");
  const providers: ExecutionProvider[] = ["cpu"];
  if (root === null) return providers;
  const binaries = path.join(root, "bin", "napi-v6", process.platform, process.arch);
  for (const name of ["cuda", "tensorrt"] as const)
    if (existsSync(path.join(binaries, `libonnxruntime_providers_${name}.so`)))
      providers.push(name);
  if (process.platform === "darwin") providers.push("coreml");
  if (existsSync(path.join(binaries, "DirectML.dll"))) providers.push("dml");
  return providers;
}

function cpuFeatures(): string[] {
  const flags = /^(?:flags|Features)\s*:\s*(.+)$/m.exec(textOrNull("/proc/cpuinfo") ?? "")?.[1];
  return (flags ?? "").split(/\s+/).filter((flag) => TELLING_FEATURES.test(flag));
}

/** What this runtime really runs on. Read once, at its start; loads no native code. */
export function reportEnvironment(): EnvironmentReport {
  const lock = textOrNull(fileURLToPath(new URL("../../package-lock.json", import.meta.url)));
  return {
    node: process.versions.node,
    onnxRuntime: packageVersion("onnxruntime-node") ?? "none",
    platform: process.platform,
    architecture: process.arch,
    cpuModel: (cpus()[0]?.model ?? "unknown").slice(0, 128),
    cpuFeatures: cpuFeatures().slice(0, 256),
    executionProviders: installedProviders(),
    packageLock: lock === null ? null : `sha256:${createHash("sha256").update(lock).digest("hex")}`,
  };
}

export type LockDifference = {
  readonly library: string;
  readonly locked: string;
  readonly here: string | null;
};

/**
 * Where a version's lock names a library that takes part in serving and another version of it than this runtime has. Libraries that
 * an ONNX model leaves behind when it is exported (numpy, scikit-learn ...) are not compared: nothing here could differ.
 */
export function lockDifferences(
  lock: Readonly<Record<string, string>>,
  { onnxRuntime, node }: Pick<EnvironmentReport, "onnxRuntime" | "node">,
): LockDifference[] {
  const here = new Map([
    ["onnxruntime", onnxRuntime],
    ["onnxruntime-node", onnxRuntime],
    ["onnxruntime-gpu", onnxRuntime],
    ["node", node],
  ]);
  return Object.entries(lock).flatMap(([library, locked]) => {
    const found = here.get(library.toLowerCase());
    return found === undefined || found === locked ? [] : [{ library, locked, here: found }];
  });
}

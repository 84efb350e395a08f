import { list } from "../external-data.ts";
import { quoted } from "../settle-onnx-tensor.ts";
import type { Finding } from "../types.ts";

/** What an archive may hold. Far above what frameworks write. */
export type ArchiveLimits = {
  readonly maxEntries: number;
  readonly maxTotalBytes: number;
  readonly maxRatio: number;
  readonly maxDepth: number;
  readonly maxNameBytes: number;
};

export const defaultArchiveLimits: ArchiveLimits = {
  maxEntries: 10_000,
  maxTotalBytes: 4 * 1024 ** 3,
  maxRatio: 200,
  maxDepth: 16,
  maxNameBytes: 255,
};

export type EntryKind = "file" | "directory" | "symlink" | "hardlink" | "device" | "encrypted";
export type ArchiveEntry = { readonly name: string; readonly kind: EntryKind; readonly sizeBytes: number; readonly compressedBytes: number | null };

type Problem = "path" | "name" | "link" | "device" | "encrypted" | "repeated" | "ratio" | "total" | "count";

const sentences: Readonly<Record<Problem, readonly [string, string]>> = {
  path: ["Leaves its folder", "would be written outside of the folder it is unpacked to"],
  name: ["Unusable name", "has a name that is too long, too deep or holds characters that no path may hold"],
  link: ["Link inside", "is a link; links can point anywhere"],
  device: ["Not a file", "is a device or another special file"],
  encrypted: ["Encrypted entry", "is encrypted and cannot be read"],
  repeated: ["Name used twice", "has a name that another entry has too, at least where case does not count"],
  ratio: ["Decompression bomb", "unpacks to more than 200 times its size"],
  total: ["Decompression bomb", "takes the archive past 4 GiB unpacked"],
  count: ["Too many entries", "is past the 10 000 entries that are read"],
};

/** Looks at the entries of one archive as they come. Nothing is ever unpacked to disk; the rules are for whoever unpacks it later. */
export type EntryGuard = { see(entry: ArchiveEntry): boolean; findings(): Finding[] };

export function guardEntries(limits: ArchiveLimits = defaultArchiveLimits): EntryGuard {
  const problems = new Map<Problem, string[]>();
  const seen = new Set<string>();
  let total = 0;
  let count = 0;
  const add = (problem: Problem, name: string): void => {
    const names = problems.get(problem) ?? [];
    if (names.length < 100) names.push(quoted(name));
    problems.set(problem, names);
  };
  return {
    /** Answers false when nothing further may be read. */
    see(entry) {
      count += 1;
      total += entry.sizeBytes;
      for (const problem of problemsOf(entry, limits)) add(problem, entry.name);
      const key = entry.name.replace(/\/+$/, "").normalize("NFC").toLowerCase();
      if (seen.has(key) && entry.kind !== "directory") add("repeated", entry.name);
      seen.add(key);
      if (total > limits.maxTotalBytes) add("total", entry.name);
      if (count > limits.maxEntries) add("count", entry.name);
      return total <= limits.maxTotalBytes && count <= limits.maxEntries;
    },
    findings: () =>
      [...problems].map(([problem, names]) => ({
        code: `archive_${problem}`,
        severity: "block",
        title: sentences[problem][0],
        message: `${list(names)} ${sentences[problem][1]}.`,
        hint: "Make the archive again from the model's own directory, with plain files only.",
      })),
  };
}

function problemsOf({ name, kind, sizeBytes, compressedBytes }: ArchiveEntry, limits: ArchiveLimits): Problem[] {
  const parts = name.replace(/\/+$/, "").split("/");
  const found: Problem[] = [];
  if (/^[/\\]/.test(name) || /^[A-Za-z]:/.test(name) || parts.includes("..") || name.includes("\\")) found.push("path");
  if (/[\0-\x1f\x7f]/.test(name) || name === "" || parts.length > limits.maxDepth || parts.some((part) => new TextEncoder().encode(part).length > limits.maxNameBytes)) found.push("name");
  if (kind === "symlink" || kind === "hardlink") found.push("link");
  if (kind === "device") found.push("device");
  if (kind === "encrypted") found.push("encrypted");
  if (compressedBytes !== null && sizeBytes > 1024 * 1024 && sizeBytes > compressedBytes * limits.maxRatio) found.push("ratio");
  return found;
}

/**
 * A name for the next version: the newest one's last number and one more, until it is free; "1.0.0" for the first.
 * `taken` newest first. A newest name without a number at its end gets "-2".
 */
export function nextVersionName(taken: readonly string[]): string {
  const [newest] = taken;
  if (newest === undefined) return "1.0.0";
  const known = new Set(taken);
  const parts = /^(.*?)(\d{1,9})$/.exec(newest);
  const [stem, start] = parts ? [parts[1] ?? "", Number(parts[2])] : [`${newest}-`, 1];
  for (let number = start + 1; ; number += 1) {
    const name = `${stem}${number}`;
    if (!known.has(name)) return name;
  }
}

/** "credit-default-2.5.0.onnx" names version 2.5.0; null when no version stands in the file's name. */
export function versionInFileName(fileName: string): string | null {
  const stem = fileName.replace(/\.[A-Za-z]+$/, "");
  const found = /(?:^|[-_ ]v?|[-_ ])(\d{1,4}(?:\.\d{1,5}){1,3}(?:[-+][0-9A-Za-z.]{1,20})?)$/.exec(stem);
  return found?.[1] ?? null;
}

/** A model name from a file's name: small letters, digits and hyphens, without extension and version; "" when nothing is left. */
export function modelNameFromFile(fileName: string): string {
  const version = versionInFileName(fileName);
  const stem = fileName.replace(/\.[A-Za-z]+$/, "");
  const bare = version === null ? stem : stem.slice(0, stem.length - version.length).replace(/[-_ ]v?$/, "");
  return bare
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63);
}

import type { Command } from "commander";

/** Prints data: as JSON when asked for, else the given lines. */
export function print(command: Command, data: unknown, lines: readonly string[]): void {
  const { json } = command.optsWithGlobals<{ json?: boolean }>();
  process.stdout.write(json === true ? `${JSON.stringify(data)}\n` : lines.map((line) => `${line}\n`).join(""));
}

/** Talk for the person at the terminal; never data. */
export const tell = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Rows as columns, two spaces apart. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>((all, row) => row.map((cell, index) => Math.max(all[index] ?? 0, cell.length)), []);
  return rows.map((row) => row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ").trimEnd());
}

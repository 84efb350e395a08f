import { createInterface } from "node:readline/promises";
import { text } from "node:stream/consumers";
import { CliProblem, EXIT } from "./exit-codes.ts";

/** Is a person at the terminal, who can be asked? */
export const isInteractive = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/** Bold on a terminal; plain in files and pipes, and where NO_COLOR (no-color.org) or TERM=dumb asks for it. */
export function strong(words: string, to: NodeJS.WriteStream = process.stderr): string {
  const isPlain = !to.isTTY || (process.env["NO_COLOR"] ?? "") !== "" || process.env["TERM"] === "dumb";
  return isPlain ? words : `\u001b[1m${words}\u001b[22m`;
}

/** A secret from standard input: typed without being shown, or piped. Never from a flag, which other users of the machine can see. */
export async function readSecret(question: string): Promise<string> {
  if (!isInteractive()) return (await text(process.stdin)).trim();
  process.stderr.write(question);
  process.stdin.setRawMode(true);
  let secret = "";
  try {
    for await (const chunk of process.stdin) {
      for (const character of String(chunk)) {
        if (character === "\r" || character === "\n") return secret.trim();
        if (character === "\u0003") throw new CliProblem("Broken off.", EXIT.usage);
        secret = character === "\u007f" ? secret.slice(0, -1) : secret + character;
      }
    }
    return secret.trim();
  } finally {
    process.stdin.setRawMode(false);
    process.stderr.write("\n");
  }
}

/** Asks a yes-or-no question; no without a terminal. */
export async function confirmed(question: string): Promise<boolean> {
  if (!isInteractive()) return false;
  const line = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await line.question(`${question} [y/N] `)).trim());
  } finally {
    line.close();
  }
}

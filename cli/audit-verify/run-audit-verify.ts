import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import type { NoteKey } from "#lib/domain/audit/signed-note.ts";
import { parseVerifierKey } from "#lib/domain/audit/signed-note.ts";
import { EXIT_CODES, formatVerdict, verdictJson } from "./format-verdict.ts";
import { sha256, verifyBundleFile } from "./verify-bundle-file.ts";

export const USAGE = `Usage: slipway audit verify BUNDLE --key KEY [--key KEY ...] [--since CHECKPOINT] [--witness PLACE ...] [--json]

Checks an exported Slipway audit trail. Needs no network, no database and no Slipway.

  BUNDLE              the exported file, *.slipway-audit.jsonl
  --key KEY           the log's verifier key, which you got from elsewhere than the file: name+id+base64,
                      or a file that holds it. Give every key that was in use when keys were changed.
  --since CHECKPOINT  a file with a checkpoint that you kept: also proves that the log extends it
  --witness PLACE     a file with a checkpoint that a witness kept, or a directory of *.checkpoint files (a copy of what
                      it holds): the log must be the one that the witness saw. May be given several times
  --json              print the verdict as one line of JSON

Exit code: 0 valid, 1 tampered, 2 malformed or not readable, 3 untrusted key.
`;

export type VerifyIo = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
};

const MAX_SMALL_FILE_CHARS = 1_000_000;

/** The whole command. Answers the exit code; never throws. */
export async function runAuditVerify(argv: readonly string[], io: VerifyIo): Promise<number> {
  const args = readArgs(argv);
  if (typeof args === "string") {
    io.err(`${args}\n\n${USAGE}`);
    return EXIT_CODES.malformed;
  }
  if (args.help) {
    io.out(USAGE);
    return EXIT_CODES.valid;
  }
  if (args.keys.length === 0) {
    io.err(
      `--key is required: a bundle cannot vouch for itself. The key is shown under Settings and by GET /api/v1/audit/checkpoints.\n\n${USAGE}`,
    );
    return EXIT_CODES.untrusted;
  }
  return verifyWith(args, io);
}

async function verifyWith(args: Args, io: VerifyIo): Promise<number> {
  const trusted: NoteKey[] = [];
  for (const text of args.keys) {
    const key = await readKey(text);
    if (key === null) {
      io.err(`Not a verifier key, nor a file that holds one: ${JSON.stringify(text)}\n`);
      return EXIT_CODES.untrusted;
    }
    trusted.push(key);
  }
  try {
    const since = args.since === null ? null : await readSmallFile(args.since);
    const witnessed: string[] = [];
    for (const place of args.witnesses) witnessed.push(...(await readWitness(place)));
    const verdict = await verifyBundleFile(args.bundle, { trusted, since, witnessed });
    io.out(args.json ? verdictJson(verdict) : formatVerdict(verdict));
    return EXIT_CODES[verdict.status];
  } catch (error) {
    io.err(`Cannot read: ${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT_CODES.malformed;
  }
}

type Args = {
  readonly bundle: string;
  readonly keys: readonly string[];
  readonly since: string | null;
  readonly witnesses: readonly string[];
  readonly json: boolean;
  readonly help: boolean;
};

/** The arguments, or what is wrong with them. */
function readArgs(argv: readonly string[]): Args | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        key: { type: "string", multiple: true },
        since: { type: "string" },
        witness: { type: "string", multiple: true },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    const help = values.help ?? false;
    if (!help && positionals.length !== 1) return "Name exactly one bundle.";
    return {
      bundle: positionals[0] ?? "",
      keys: values.key ?? [],
      since: values.since ?? null,
      witnesses: values.witness ?? [],
      json: values.json ?? false,
      help,
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function readKey(text: string): Promise<NoteKey | null> {
  const direct = parseVerifierKey(text.trim(), sha256);
  if (direct !== null) return direct;
  try {
    return parseVerifierKey((await readSmallFile(text)).trim(), sha256);
  } catch {
    return null;
  }
}

/** The notes of one witness: a file's, or those of a directory. A place with none is a mistake, and is said. */
async function readWitness(place: string): Promise<string[]> {
  if (!(await stat(place)).isDirectory()) return [await readSmallFile(place)];
  const names = (await readdir(place)).filter((name) => name.endsWith(".checkpoint")).sort();
  if (names.length === 0) throw new Error(`${place} holds no *.checkpoint file`);
  return Promise.all(names.map((name) => readSmallFile(path.join(place, name))));
}

async function readSmallFile(path: string): Promise<string> {
  const text = await readFile(path, "utf8");
  if (text.length > MAX_SMALL_FILE_CHARS)
    throw new RangeError(`${path} is too large to be a key or a checkpoint`);
  return text;
}

import { createHash, createPublicKey, verify } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { type Command, Option } from "commander";
import { addEvidence, getFramework, getReleaseManifest, listEvidence, listEvidenceKinds, listFrameworks } from "#lib/contracts/api/governance-operations.ts";
import { signedManifest } from "#lib/contracts/release-manifest.ts";
import type { JsonValue } from "#lib/domain/audit/canonical-json.ts";
import { type NoteKey, parseVerifierKey, type VerifySignature } from "#lib/domain/audit/signed-note.ts";
import { verifyManifest } from "#lib/domain/governance/manifest-note.ts";
import { askFor, connectionFrom } from "../connection.ts";
import { CliProblem, EXIT } from "../exit-codes.ts";
import { columns, print, tell } from "../output.ts";

type AddOptions = {
  readonly kind: string;
  readonly statement: string;
  readonly detail?: readonly string[];
  readonly document?: string;
  readonly expires?: string;
  readonly model?: string;
  readonly version?: string;
  readonly release?: string;
  readonly endpoint?: string;
  readonly environment?: string;
};

/** `true`, `false` and numbers as what they are; everything else is text. */
function detailOf(text: string): [string, string | number | boolean] {
  const at = text.indexOf("=");
  if (at < 1) throw new CliProblem(`--detail takes name=value, not ${JSON.stringify(text)}.`, EXIT.usage);
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  if (value === "true" || value === "false") return [name, value === "true"];
  return [name, /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value];
}

function subjectOf({ model, version, release, endpoint, environment }: AddOptions) {
  if (release !== undefined) return { type: "release", number: Number(release) };
  if (endpoint !== undefined) return { type: "endpoint", endpoint };
  if (environment !== undefined) return { type: "environment", environment };
  if (model === undefined) return { type: "organisation" };
  return version === undefined ? { type: "model", model } : { type: "version", model, version };
}

async function add(options: AddOptions, command: Command): Promise<void> {
  const document = options.document === undefined ? undefined : { fileName: basename(options.document), base64: (await readFile(options.document)).toString("base64") };
  const added = await askFor(connectionFrom(process.env), "/api/v1/evidence", addEvidence.response, {
    method: "POST",
    json: {
      kind: options.kind,
      subject: subjectOf(options),
      details: Object.fromEntries((options.detail ?? []).map(detailOf)),
      statement: options.statement,
      ...(options.expires === undefined ? {} : { expiresAt: options.expires }),
      ...(document === undefined ? {} : { document }),
    },
  });
  print(command, added, [`${added.verdict}  ${added.kind}  ${added.subject}  ${added.id}`]);
}

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(bytes).digest());

const verifyEd25519: VerifySignature = (publicKey, message, signature) => {
  try {
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") }, format: "jwk" });
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
};

function keysOf(texts: readonly string[]): NoteKey[] {
  return texts.map((text) => {
    const key = parseVerifierKey(text.trim(), sha256);
    if (key === null) throw new CliProblem(`Not a verifier key: ${JSON.stringify(text)}`, EXIT.usage);
    return key;
  });
}

/** Checks a manifest with nothing but the file and the key. */
async function verifyManifestFile(file: string, options: { key: readonly string[] }, command: Command): Promise<void> {
  const raw: unknown = JSON.parse(await readFile(file, "utf8"));
  const parsed = signedManifest.safeParse(raw);
  if (!parsed.success) throw new CliProblem("This file is not a signed release manifest.", EXIT.error);
  // What was signed is what stands in the file, not what parsing made of it.
  const { manifest } = raw as { manifest: JsonValue };
  const verdict = verifyManifest({ manifest, note: parsed.data.note }, keysOf(options.key), sha256, verifyEd25519);
  if (!verdict.ok) throw new CliProblem(verdict.message, EXIT.refused);
  const { release, model, candidate } = parsed.data.manifest;
  print(command, verdict, [`valid  release ${release.number}  ${model.name} ${candidate.name}  sha256:${verdict.digest}`]);
}

async function manifest(release: string, { file }: { file?: string }, command: Command): Promise<void> {
  const signed = await askFor(connectionFrom(process.env), `/api/v1/releases/${encodeURIComponent(release)}/manifest`, getReleaseManifest.response);
  const path = file ?? `release-${release}.slipway-manifest.json`;
  await writeFile(path, `${JSON.stringify(signed, null, 2)}\n`);
  print(command, { file: path }, [path]);
  tell(`Check it anywhere: slipway release verify-manifest ${path} --key KEY`);
}

async function frameworks(name: string | undefined, options: { model?: string; version?: string }, command: Command): Promise<void> {
  const connection = connectionFrom(process.env);
  const search = new URLSearchParams(Object.entries(options).flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])));
  const query = search.size === 0 ? "" : `?${search.toString()}`;
  if (name === undefined) {
    const { data } = await askFor(connection, `/api/v1/frameworks${query}`, listFrameworks.response);
    const rows = data.map(({ slug, name: title, controls, counts }) => [slug, title, String(controls), counts === null ? "" : `${counts.met} of ${counts.applicable} met, ${counts.upcoming} upcoming`]);
    print(command, data, columns([["framework", "name", "controls", ""], ...rows]));
    return;
  }
  const found = await askFor(connection, `/api/v1/frameworks/${encodeURIComponent(name)}${query}`, getFramework.response);
  print(command, found, columns([["control", "state", "", ""], ...found.controls.map(({ id, state, citation, title }) => [id, state ?? "", citation, title])]));
}

/** evidence and frameworks. */
export function addGovernanceCommands(program: Command): void {
  const evidence = program.command("evidence").description("facts about versions, models, releases, endpoints, environments and the organisation");
  evidence
    .command("add")
    .description("send a fact; its verdict follows from its fields")
    .requiredOption("--kind <kind>", "as `slipway evidence kinds` lists it")
    .requiredOption("--statement <text>", "what this shows, in a sentence")
    .option("--detail <name=value...>", "a field of the kind; repeat for each")
    .option("--document <file>", "a document it rests on, at most 5 MiB")
    .option("--expires <instant>", "when it stops to count, if earlier than its kind says")
    .option("--model <name>")
    .option("--version <name>", "with --model: the version it is about")
    .option("--release <number>")
    .option("--endpoint <name>")
    .option("--environment <name>")
    .action(add);
  evidence
    .command("list")
    .option("--kind <kind>")
    .option("--model <name>")
    .option("--version <name>")
    .addOption(new Option("--verdict <verdict>").choices(["passed", "failed", "noted"]))
    .option("--limit <n>", "at most this many", "50")
    .action(async (options: Record<string, string>, command: Command) => {
      const search = new URLSearchParams(options);
      const { data } = await askFor(connectionFrom(process.env), `/api/v1/evidence?${search.toString()}`, listEvidence.response);
      print(command, data, columns([["made", "verdict", "kind", "about", ""], ...data.map(({ producedAt, verdict, kind, subjectType, summary }) => [producedAt, verdict, kind, subjectType, summary.slice(0, 80)])]));
    });
  evidence
    .command("kinds")
    .description("every kind with its fields")
    .action(async (_options: unknown, command: Command) => {
      const { data } = await askFor(connectionFrom(process.env), "/api/v1/evidence/kinds", listEvidenceKinds.response);
      print(command, data, columns([["kind", "about", "by", "fields"], ...data.map(({ id, subject, by, fields }) => [id, subject, by, fields.map(({ name }) => name).join(" ")])]));
    });
  program
    .command("frameworks")
    .description("frameworks and controls; with --model how they stand for it")
    .argument("[framework]", "such as eu-ai-act or sr-26-2")
    .option("--model <name>")
    .option("--version <name>")
    .action(frameworks);
}

/** What `slipway release` also knows: the manifest, and checking one offline. */
export function addReleaseManifestCommands(program: Command): void {
  const release = program.commands.find((command) => command.name() === "release");
  if (release === undefined) throw new Error("The release commands come first.");
  release.command("manifest").description("save the signed manifest of a release").argument("<release>", "number or id").option("--file <path>").action(manifest);
  release
    .command("verify-manifest")
    .description("check a saved manifest; needs no network and no Slipway")
    .argument("<file>")
    .requiredOption("--key <key...>", "the log's verifier key, from Settings or GET /api/v1/audit/checkpoints")
    .action(verifyManifestFile);
}

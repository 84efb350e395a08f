import type { z } from "zod";
import type { changeRow, ChangesView } from "#lib/contracts/views/release-parts.ts";
import type { ContractField } from "#lib/domain/contract/types.ts";
import { inspectionFacts } from "#lib/domain/artifact/inspection-facts.ts";
import { formatCount } from "#lib/domain/release/wording.ts";
import { configurationDifferences } from "#lib/domain/serving/configuration-lines.ts";
import type { VersionRecord } from "../../db/model-repository.ts";
import type { StoredConfiguration } from "../../db/runtime-configuration-repository.ts";

type Row = z.output<typeof changeRow>;

const bytes = (value: number): string => (value < 1_048_576 ? `${(value / 1024).toFixed(1)} KiB` : `${(value / 1_048_576).toFixed(1)} MiB`);

/** A field's rules on one line: what the diff compares. */
export function fieldLine(field: ContractField): string {
  const range = field.range ? `${field.range.min ?? "any"} to ${field.range.max ?? "any"}` : null;
  const domain = field.domain ? `one of ${field.domain.length}` : null;
  const rule = range ?? domain ?? "any value";
  return `${field.field}  ${field.type}  ${rule}  null: ${field.nulls}  outside: ${field.action}`;
}

function contractDiff(stable: VersionRecord, candidate: VersionRecord): ChangesView["contract"] {
  const before = new Map(stable.contract.fields.map((field) => [field.field, fieldLine(field)]));
  const after = new Map(candidate.contract.fields.map((field) => [field.field, fieldLine(field)]));
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const changed = names.filter((name) => before.get(name) !== after.get(name));
  const lines = changed.flatMap((name): ChangesView["contract"]["lines"] => {
    const [was, is] = [before.get(name), after.get(name)];
    return [
      ...(was === undefined ? [] : [{ kind: "removed" as const, text: was }]),
      ...(is === undefined ? [] : [{ kind: "added" as const, text: is }]),
    ];
  });
  const same = names.length - changed.length;
  return {
    summary: changed.length === 0 ? `Input contract, ${names.length} fields, all the same` : `Input contract, ${changed.length} of ${names.length} fields differ`,
    lines,
    note: changed.length === 0 ? "Callers need no change." : `${formatCount(same)} fields are the same.`,
  };
}

/** Of what was read from the file, what a reviewer compares. */
const COMPARED: ReadonlySet<string> = new Set(["Format", "Made by", "Parameters", "Model", "Signatures", "Holds"]);

const factsOf = (version: VersionRecord): Map<string, string> => new Map(inspectionFacts(version.inspection).map(({ label, value }) => [label, value]));

/** How the endpoint was served when stable went live there, and how the candidate will be served: the digest that approvals are bound to, then each value that differs. */
export function configurationRows(before: StoredConfiguration, now: StoredConfiguration): Row[] {
  const named = { part: "Runtime configuration", stable: before.digest, candidate: now.digest, form: "digest", same: before.digest === now.digest } as const;
  return [named, ...configurationDifferences(before.configuration, now.configuration).map((line): Row => ({ part: line.label, stable: line.before, candidate: line.after, form: "text", same: false }))];
}

/** What differs between the version that is live and the one that would replace it. */
export function changesView(stable: VersionRecord, candidate: VersionRecord): ChangesView {
  const row = (part: string, was: string, is: string, form: Row["form"] = "text"): Row => ({ part, stable: was, candidate: is, form, same: was === is });
  const was = factsOf(stable);
  const is = factsOf(candidate);
  const labels = [...new Set([...was.keys(), ...is.keys()])].filter((label) => COMPARED.has(label));
  const shape = (version: VersionRecord) =>
    version.signature.inputs.map(({ name, datatype, shape: dims }) => `${name} ${datatype} [${dims.map((n) => (n < 0 ? "N" : n)).join(", ")}]`).join("; ");
  return {
    rows: [
      row("Artifact", stable.digest, candidate.digest, "digest"),
      row("Size", bytes(stable.sizeBytes), bytes(candidate.sizeBytes)),
      ...labels.map((label) => row(label, was.get(label) ?? "none", is.get(label) ?? "none")),
      row("Inputs", shape(stable), shape(candidate)),
    ],
    contract: contractDiff(stable, candidate),
  };
}

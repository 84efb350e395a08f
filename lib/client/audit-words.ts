import { formatNumber, formatWeight } from "#lib/client/format-number.ts";
import type { AuditEventView } from "#lib/contracts/audit-api.ts";
import { RELEASE_LABELS } from "#lib/domain/release/labels.ts";

/** Entries of the audit trail in words. The stored fields stay what they are; this only picks what a row shows. */

type ActorType = AuditEventView["actor"]["type"];
type Target = AuditEventView["targets"][number];
type Fields = NonNullable<AuditEventView["after"]>;

/** One letter and one word for each kind of actor: a person never looks like a program. */
export const actorMarks: Readonly<
  Record<ActorType, { readonly mark: string; readonly word: string }>
> = {
  person: { mark: "P", word: "Person" },
  policy: { mark: "§", word: "Policy" },
  runtime: { mark: "R", word: "Runtime" },
  token: { mark: "T", word: "Token" },
  system: { mark: "S", word: "System" },
};

export const outcomeWords: Readonly<Record<AuditEventView["outcome"], string>> = {
  ok: "Done",
  denied: "Denied",
  error: "Failed",
};

/** "#18,397". */
export const entryNumber = (seq: number): string => `#${formatNumber(seq)}`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const readable = (name: string): string => name.replaceAll("_", " ");

/** "Release 3", "Version digits 1.1.0", "Person Maren Okafor": the kind is named once. */
export function targetText(target: Target): string {
  const kind = capital(readable(target.type === "user" ? "person" : target.type));
  if (target.name === null) return kind;
  const name = target.type === "evidence" || target.type === "job" ? readable(target.name) : target.name;
  return name.toLowerCase().startsWith(kind.toLowerCase()) ? name : `${kind} ${name}`;
}

/** Where the thing has a page; null for what has none. */
export function targetPath(target: Target): string | null {
  const name = target.name ?? "";
  if (target.type === "release") {
    const number = /^Release (\d+)$/.exec(name)?.[1];
    return number === undefined ? null : `/releases/${number}`;
  }
  if (target.type === "model" && name !== "") return `/models/${encodeURIComponent(name)}`;
  if (target.type === "endpoint" && name !== "") return `/endpoints/${encodeURIComponent(name)}`;
  const [model = "", version = "", ...rest] = name.split(" ");
  return target.type === "version" && version !== "" && rest.length === 0
    ? `/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}`
    : null;
}

export type Change = { readonly was: string | null; readonly now: string };

/** The change in a few words, or null when the entry records none that fits a row. */
export function changeOf({ before, after }: AuditEventView): Change | null {
  if (after === null) return null;
  const state = changeOfState(before, after);
  if (state !== null) return state;
  const weights = weightsOf(after);
  if (weights !== null) return { was: before === null ? null : weightsOf(before), now: weights };
  for (const name of before === null ? [] : Object.keys(before)) {
    const [was, now] = [shortValue(before?.[name]), shortValue(after[name])];
    if (was !== null && now !== null && was !== now) return { was, now };
  }
  const told = firstTold(after);
  return told === null ? null : { was: null, now: told };
}

const TELLING = ["verdict", "role", "format", "kind", "method", "purpose", "arm"] as const;

function firstTold(after: Fields): string | null {
  for (const name of TELLING) {
    const text = shortValue(after[name]);
    if (text !== null) return readable(text);
  }
  return null;
}

function changeOfState(before: Fields | null, after: Fields): Change | null {
  const now = stateWord(after["state"]);
  if (now === null) return null;
  const was = before === null ? null : stateWord(before["state"]);
  const [from, to] = [before?.["weightBp"], after["weightBp"]];
  const moved = typeof from === "number" && typeof to === "number" && from !== to;
  if (moved && was === now) return { was: formatWeight(from), now: formatWeight(to) };
  return { was, now: moved ? `${now}, ${formatWeight(to)}` : now };
}

function stateWord(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const label = Object.entries(RELEASE_LABELS).find(([state]) => state === value)?.[1];
  return label?.word.toLowerCase() ?? value.toLowerCase();
}

/** "stable 50 %, candidate 50 %" of a route table's arms. */
function weightsOf(fields: Fields): string | null {
  const arms: unknown = fields["arms"];
  if (!Array.isArray(arms)) return null;
  const words = arms.flatMap((arm: unknown) => {
    if (typeof arm !== "object" || arm === null || !("arm" in arm) || !("weightBp" in arm)) return [];
    return typeof arm.arm === "string" && typeof arm.weightBp === "number" && arm.weightBp > 0
      ? [`${arm.arm} ${formatWeight(arm.weightBp)}`]
      : [];
  });
  return words.length === 0 ? "no traffic" : words.join(", ");
}

function shortValue(value: unknown): string | null {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && value.length > 0 && value.length <= 40 ? value : null;
}

/** Why, as far as the entry says: what a person wrote, else the sentence recorded with it. */
export function reasonOf({ reason, after }: AuditEventView): string | null {
  if (reason !== null) return reason;
  for (const name of ["sentence", "summary", "message", "statement"]) {
    const text: unknown = after?.[name];
    if (typeof text === "string") return text;
  }
  return null;
}

export type DiffLine = { readonly kind: "same" | "del" | "add"; readonly text: string };

/** Before and after, one line a value, in the order of the names. Without a before, lines are just what was recorded. */
export function diffOf(before: Fields | null, after: Fields | null): readonly DiffLine[] {
  const [was, now] = [flatten(before), flatten(after)];
  const names = [...new Set([...was.keys(), ...now.keys()])].sort();
  return names.flatMap((name): DiffLine[] => {
    const [a, b] = [was.get(name), now.get(name)];
    if (a === b || before === null) return [{ kind: "same", text: `${name}: ${b ?? a ?? ""}` }];
    return [
      ...(a === undefined ? [] : [{ kind: "del", text: `${name}: ${a}` } as const]),
      ...(b === undefined ? [] : [{ kind: "add", text: `${name}: ${b}` } as const]),
    ];
  });
}

function flatten(value: unknown, path = "", into = new Map<string, string>()): Map<string, string> {
  if (typeof value === "object" && value !== null) {
    const parts = Object.entries(value);
    if (parts.length === 0 && path !== "") into.set(path, Array.isArray(value) ? "[]" : "{}");
    for (const [name, part] of parts) flatten(part, path === "" ? name : `${path}.${name}`, into);
  } else if (path !== "") into.set(path, typeof value === "string" ? value : JSON.stringify(value));
  return into;
}

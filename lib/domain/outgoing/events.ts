import { AUDIT_ACTION_NAMES, auditActionLabel, type AuditAction } from "#lib/domain/audit/actions.ts";

/** Events that may leave the installation: entries of the audit trail by their action. Names are the trail's and stay what they are. */

const KINDS = ["alert", "release", "incident", "approval", "deployment", "baseline"] as const;
const SINGLE: readonly AuditAction[] = [
  "version.registered",
  "version.quarantined",
  "endpoint.created",
  "runtime.lost",
  "runtime.rejoined",
  "runtime.safe_state_entered",
  "waiver.signed",
  "environment.policy_changed",
];

/** Sent by a person from the channel's page, to see whether messages arrive. */
export const TEST_EVENT = "channel.test";

export const eventTypes: readonly string[] = AUDIT_ACTION_NAMES.filter(
  (action) => KINDS.some((kind) => action.startsWith(`${kind}.`)) || SINGLE.includes(action),
);

/** What a channel may subscribe to: a type, or all of a kind. */
export const eventPatterns: readonly string[] = [...new Set(eventTypes.map((type) => `${type.split(".")[0] ?? ""}.*`)), ...eventTypes];

export const eventLabel = (type: string): string => (type === TEST_EVENT ? "Test message" : auditActionLabel(type));

/** Whether a channel wants an event. */
export function wants(
  channel: { readonly events: readonly string[]; readonly environments: readonly string[] },
  event: { readonly type: string; readonly environmentId: string | null },
): boolean {
  const isNamed = channel.events.some((pattern) => (pattern.endsWith(".*") ? event.type.startsWith(pattern.slice(0, -1)) : pattern === event.type));
  const isHere = channel.environments.length === 0 || (event.environmentId !== null && channel.environments.includes(event.environmentId));
  return isNamed && isHere;
}

type Target = { readonly type: string; readonly id: string; readonly name: string | null; readonly digest: string | null };

/** One entry of the trail as a CloudEvent, specification 1.0. */
export type OutgoingEvent = {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: "application/json";
  readonly data: {
    readonly title: string;
    readonly text: string;
    readonly severity: "page" | "ticket" | "note";
    readonly actor: { readonly type: string; readonly name: string };
    readonly targets: readonly Target[];
    readonly reason: string | null;
    /** What it is in since then, such as ROLLED_BACK of a release; null where the entry says none. */
    readonly state?: string | null;
    /** Place in the audit trail, where it can be proved; null for a test. */
    readonly sequence: number | null;
    readonly url: string;
  };
};

/** Where a person looks for what an entry is about. */
function pathOf(targets: readonly Target[], seq: number): string {
  const number = (type: string): string | null => {
    const name = targets.find((target) => target.type === type)?.name;
    return /(\d+)/.exec(name ?? "")?.[1] ?? null;
  };
  const endpoint = targets.find(({ type }) => type === "endpoint")?.name;
  if (targets[0]?.type === "alert" && endpoint) return `/endpoints/${encodeURIComponent(endpoint)}/monitoring`;
  if (targets[0]?.type === "incident" && number("incident")) return `/incidents/${number("incident") ?? ""}`;
  if (targets.some(({ type }) => type === "release") && number("release")) return `/releases/${number("release") ?? ""}`;
  if (endpoint) return `/endpoints/${encodeURIComponent(endpoint)}`;
  return `/audit/${String(seq)}`;
}

const textIn = (value: unknown, key: string): string | null => {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return null;
  const found: unknown = (value as Record<string, unknown>)[key];
  return typeof found === "string" && found !== "" ? found : null;
};

export type TrailEntry = {
  readonly id: string;
  readonly seq: number;
  readonly ts: string;
  readonly action: string;
  readonly actor: { readonly type: string; readonly name: string };
  readonly targets: readonly Target[];
  readonly after: unknown;
  readonly reason: string | null;
};

/** The event that tells of an entry. `publicUrl` without a slash at its end. */
export function eventOf(entry: TrailEntry, publicUrl: string): OutgoingEvent {
  const { targets, after, reason } = entry;
  const [first] = targets;
  const place = targets.find(({ type }) => type === "endpoint")?.name ?? targets.find(({ type }) => type === "model")?.name ?? null;
  const about = first?.name ?? first?.id ?? "";
  const title = `${eventLabel(entry.action)}: ${about}${place === null || about.includes(place) ? "" : ` (${place})`}`;
  const severity = textIn(after, "severity");
  return {
    specversion: "1.0",
    id: entry.id,
    source: publicUrl,
    type: `slipway.${entry.action}`,
    subject: first === undefined ? "" : `${first.type}/${first.id}`,
    time: entry.ts,
    datacontenttype: "application/json",
    data: {
      title,
      text: textIn(after, "sentence") ?? reason ?? "",
      severity: severity === "page" || severity === "ticket" ? severity : "note",
      actor: { type: entry.actor.type, name: entry.actor.name },
      targets,
      reason,
      state: textIn(after, "state"),
      sequence: entry.seq,
      url: `${publicUrl}${pathOf(targets, entry.seq)}`,
    },
  };
}

/** Waits between tries, seconds: the schedule that Standard Webhooks recommends, within four days. */
export const RETRY_SECONDS: readonly number[] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000];

/** Seconds until the next try after `attempts` tries, up to a tenth later by chance (`random` 0 to 1); null: given up. */
export function retryAfter(attempts: number, random: number): number | null {
  const wait = RETRY_SECONDS[attempts - 1];
  return wait === undefined ? null : wait * (1 + 0.1 * random);
}

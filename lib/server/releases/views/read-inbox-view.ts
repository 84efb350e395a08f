import { inboxQuery, type InboxItem, type InboxView } from "#lib/contracts/views/inbox-view.ts";
import { allows, environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { personEventRefusal } from "#lib/domain/release/person-event.ts";
import { END_STATES, HOLDS_FOR_A_PERSON, RELEASE_STATES, type HoldReason } from "#lib/domain/release/states.ts";
import type { ReleaseRecord } from "../../db/release-repository.ts";
import type { Actor, ReadModels } from "../../ports.ts";
import { query } from "../../read.ts";
import { observe, type Observed } from "../observe.ts";
import { releaseActions } from "./action-views.ts";
import { outcomeSentence, sentenceOf, waitReasonOf } from "./say-release.ts";
import { gaugeView, miniSteps } from "./summaries.ts";
import { titleOf } from "./read-release-view.ts";

const DAY_MS = 86_400_000;
const DECIDED_SHOWN = 8;
const OPEN_STATES = RELEASE_STATES.filter((state) => !(END_STATES as readonly string[]).includes(state));

type Kind = InboxItem["kind"];

/** What this release asks of this person; `moving` when nothing. */
function kindOf(record: ReleaseRecord, observed: Observed, actor: Actor): Kind {
  const { release } = record;
  if (release.state === "PENDING_APPROVAL") {
    const mayApprove =
      actor.personId !== null &&
      allows(actor, "release:approve", record.environmentId) &&
      (release.approverRoles.length === 0 || actor.roles.some(({ role }) => release.approverRoles.includes(role))) &&
      personEventRefusal(release, "approve", actor.personId, observed.observation) === null;
    return mayApprove ? "approve" : "moving";
  }
  if (release.state === "AWAITING_GATE") return allows(actor, "release:promote", record.environmentId) ? "decide" : "moving";
  if (release.state === "HOLDING") {
    const forAPerson = (HOLDS_FOR_A_PERSON as readonly HoldReason[]).includes(release.hold?.reason ?? "MANUAL");
    return forAPerson && allows(actor, "release:resume", record.environmentId) ? "held" : "moving";
  }
  return "moving";
}

const SINCE: Readonly<Record<Kind, InboxItem["sinceWord"]>> = {
  approve: "asked",
  held: "since",
  decide: "since",
  owed: "due",
  moving: "started",
  decided: "ended",
};

async function itemOf(db: ReadModels, record: ReleaseRecord, actor: Actor, now: Date): Promise<InboxItem> {
  const { release } = record;
  const observed = await observe(db, record, now);
  const isOver = record.endedAt !== null;
  const owes = (record.outcome?.reasonDueAt ?? null) !== null && release.rollback?.personId === actor.personId;
  const kind: Kind = owes ? "owed" : isOver ? "decided" : kindOf(record, observed, actor);
  const reason = waitReasonOf(record, observed.observation, now);
  const heldBy = release.hold?.personId ? ((await db.people.findPersonByPersonId(release.hold.personId))?.name ?? null) : null;
  const said = isOver ? outcomeSentence(await db.releases.decisionsOf(release.id)) : null;
  const since = isOver
    ? (record.endedAt ?? record.createdAt)
    : kind === "moving"
      ? (record.startedAt ?? new Date(release.stateSinceMs))
      : new Date(release.stateSinceMs);
  return {
    kind,
    releaseId: release.id,
    number: record.number,
    rowVersion: record.rowVersion,
    state: release.state,
    holdReason: release.hold?.reason ?? null,
    title: titleOf(record),
    say: said ?? sentenceOf(record, reason, now, heldBy),
    sinceWord: SINCE[kind],
    since: since.toISOString(),
    gauge: gaugeView(observed.observation.verdict),
    steps: miniSteps(release, observed.observation.verdict),
    stableVersionName: record.stableName,
    endpointName: record.endpointName,
    environmentName: record.environmentName,
    demo: record.demo,
    rollback: releaseActions(record, actor, observed.observation, []).rollback,
  };
}

async function firstSteps(db: ReadModels, actor: Actor): Promise<InboxView["firstSteps"]> {
  const install = await db.install.findInstall();
  if (!install?.demo) return null;
  const done = await db.entries.actionsSeen(["release.promoted", "release.rolled_back", "audit.exported", "version.tried"]);
  const own = actor.userId === null ? 0 : await db.models.countVersionsBy(actor.userId);
  const step = (key: NonNullable<InboxView["firstSteps"]>[number]["key"], title: string, href: string, isDone: boolean) => ({ key, title, href, done: isDone });
  return [
    step("watch_promote", "Watch a release promote itself", "/releases", done.has("release.promoted")),
    step("see_rollback", "See one rolled back", "/releases?group=rolled_back", done.has("release.rolled_back")),
    step("read_record", "Export the audit trail", "/audit", done.has("audit.exported")),
    step("register_model", "Register your own model", "/models/new", own > 0),
    step("send_prediction", "Try a version", "/models", done.has("version.tried")),
    step("invite_reviewer", "Invite a reviewer", "/settings/people", (await db.people.hasInvitedPerson())),
  ];
}

const ALERTS_SHOWN = 10;

/** Alerts of these environments that wait for somebody to say that they are being looked at. */
async function openAlerts(db: ReadModels, environmentIds: readonly string[]): Promise<InboxView["alerts"]> {
  const open = (await db.alerts.listAlerts({ environments: environmentIds, show: "open", before: null }, 100)).filter(({ acknowledgedAt }) => acknowledgedAt === null);
  const names = new Map((await db.endpoints.listEndpoints()).map(({ id, name }) => [id, name]));
  return open.slice(0, ALERTS_SHOWN).map(({ number, title, sentence, endpointId, severity, firedAt }) => ({
    number,
    title,
    sentence,
    endpointName: names.get(endpointId) ?? "unknown",
    severity,
    firedAt: firedAt.toISOString(),
  }));
}

/** The inbox: what needs this person, what moves by itself, what was decided in the last day. */
export const readInboxView = query({
  name: "read-inbox-view",
  permission: "release:read",
  of: "many",
  input: inboxQuery,
  async run({ db, actor, input, now }): Promise<InboxView> {
    const allowed = environmentsAllowed(actor, "release:read");
    const environments = (await db.endpoints.listEnvironments()).filter(
      ({ id, name }) => (allowed === "all" || allowed.includes(id)) && (input.environment === null || input.environment === name),
    );
    const environmentIds = environments.map(({ id }) => id);
    const open = await db.releases.listReleases({ states: OPEN_STATES, environmentIds }, 100);
    const ended = (await db.releases.listReleases({ states: END_STATES, environmentIds, since: new Date(now.getTime() - DAY_MS) }, 100))
      .filter(({ endedAt }) => endedAt !== null)
      .sort((a, b) => (b.endedAt?.getTime() ?? 0) - (a.endedAt?.getTime() ?? 0));
    const items: InboxItem[] = [];
    for (const record of [...open, ...ended.slice(0, DECIDED_SHOWN)]) items.push(await itemOf(db, record, actor, now));
    return {
      asOf: now.toISOString(),
      firstSteps: await firstSteps(db, actor),
      needsYou: items.filter(({ kind }) => kind !== "moving" && kind !== "decided"),
      alerts: await openAlerts(db, environmentIds),
      moving: items.filter(({ kind }) => kind === "moving"),
      decided: items.filter(({ kind }) => kind === "decided"),
      decidedTotal: ended.length,
      has: {
        models: (await db.models.listModels()).length > 0,
        endpoints: (await db.endpoints.listEndpoints()).length > 0,
        releases: open.length + ended.length > 0 || (await db.releases.listReleases({}, 1)).length > 0,
      },
    };
  },
});

/** How many things need this person: the number beside Inbox in the rail. */
export async function countNeedsYou(db: ReadModels, actor: Actor, now: Date): Promise<number> {
  const allowed = environmentsAllowed(actor, "release:read");
  const filter = allowed === "all" ? {} : { environmentIds: [...allowed] };
  const waiting = await db.releases.listReleases({ states: ["PENDING_APPROVAL", "AWAITING_GATE", "HOLDING"], ...filter }, 100);
  let count = 0;
  for (const record of waiting) if (kindOf(record, await observe(db, record, now), actor) !== "moving") count += 1;
  return count + (await db.alerts.countOpenAlerts(allowed));
}

import type { AssuranceView, LeadPhase, VersionAssuranceView } from "#lib/contracts/views/assurance-view.ts";
import type { VersionRecord } from "../../db/model-repository.ts";
import type { ReadModels } from "../../ports.ts";

type Times = { readonly byVersion: ReadonlyMap<string, number>; readonly summary: AssuranceView["leadTimes"] };

/** From registering a version to its first live answer, over all versions that have given one. The middle one, not the mean. */
export async function leadTimes(db: ReadModels): Promise<Times> {
  const first = await db.governance.firstInferences({});
  const earliest = new Map<string, Date>();
  for (const { versionId, at } of first) if (!earliest.has(versionId)) earliest.set(versionId, at);
  const heads = await db.registry.versionHeads({ ids: [...earliest.keys()] }, 10_000);
  const byVersion = new Map(heads.map(({ id, createdAt }) => [id, Math.max(0, (earliest.get(id)?.getTime() ?? 0) - createdAt.getTime())]));
  const sorted = [...byVersion.values()].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const median = sorted.length === 0 ? null : sorted.length % 2 === 1 ? (sorted[half] ?? null) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
  return { byVersion, summary: { count: sorted.length, medianMs: median, longestMs: sorted.at(-1) ?? null } };
}

type Mark = { readonly name: string; readonly at: Date | null };

/** When each phase ended: profiled, proposed, allowed to start, answering. Null where that has not happened. */
async function marksOf(db: ReadModels, version: VersionRecord, firstAt: Date | null): Promise<Mark[]> {
  const releases = await db.releases.listReleases({ versionId: version.id }, 100);
  const release = releases.at(-1);
  const decisions = release === undefined ? [] : await db.releases.decisionsOf(release.release.id);
  const evidence = await db.evidence.evidenceOf("version", version.id);
  const [deployment] = (await db.endpoints.deploymentsOf({ versionId: version.id }, 100)).slice(-1);
  return [
    { name: "Sandbox and validation", at: evidence.filter(({ kind }) => kind === "load_test_profile").at(-1)?.producedAt ?? null },
    { name: "Waiting to be proposed", at: release?.createdAt ?? deployment?.startedAt ?? null },
    { name: "Approval and checklist", at: decisions.find(({ toState }) => toState === "PROVISIONING")?.at ?? null },
    { name: "Loading and first answer", at: firstAt },
  ];
}

/** Phases one after the other; one that was never entered is left out, and the first that has not ended is the last. */
function phasesOf(createdAt: Date, marks: readonly Mark[], now: Date): LeadPhase[] {
  const phases: LeadPhase[] = [];
  let from = createdAt;
  for (const [index, { name, at }] of marks.entries()) {
    if (at === null) {
      if (marks.slice(index + 1).some((later) => later.at !== null)) continue;
      phases.push({ name, fromAt: from.toISOString(), toAt: null, ms: now.getTime() - from.getTime() });
      break;
    }
    const ended = at < from ? from : at;
    phases.push({ name, fromAt: from.toISOString(), toAt: ended.toISOString(), ms: ended.getTime() - from.getTime() });
    from = ended;
  }
  return phases;
}

/** The time from registering to the first live answer, and where it is spent. */
export async function leadOf(db: ReadModels, version: VersionRecord, now: Date): Promise<VersionAssuranceView["lead"]> {
  const [first] = await db.governance.firstInferences({ versionId: version.id });
  const endpoint = first === undefined ? null : await db.endpoints.getEndpoint({ id: first.endpointId });
  return {
    phases: phasesOf(version.createdAt, await marksOf(db, version, first?.at ?? null), now),
    totalMs: first === undefined ? null : Math.max(0, first.at.getTime() - version.createdAt.getTime()),
    deployedAt: first?.at.toISOString() ?? null,
    deployedOn: endpoint?.name ?? null,
  };
}

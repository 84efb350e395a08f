import type { z } from "zod";
import {
  releaseListViewQuery,
  type ReleaseListGroup,
  type ReleaseListRow,
  type ReleaseListView,
} from "#lib/contracts/views/release-list-view.ts";
import { allowsSomewhere, environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { releaseWeightBp } from "#lib/domain/release/release.ts";
import { END_STATES, RELEASE_STATES, type ReleaseState } from "#lib/domain/release/states.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { ReleaseRecord } from "../../db/release-repository.ts";
import type { ReadModels } from "../../ports.ts";
import { query } from "../../read.ts";
import { observe } from "../observe.ts";
import { outcomeSentence, sentenceOf, waitReasonOf } from "./say-release.ts";
import { miniSteps } from "./summaries.ts";

const isEnded = (state: ReleaseState): boolean => (END_STATES as readonly ReleaseState[]).includes(state);

const GROUPS: Readonly<Record<ReleaseListGroup, readonly ReleaseState[]>> = {
  open: RELEASE_STATES.filter((state) => !isEnded(state)),
  awaiting: ["DRAFT", "PENDING_APPROVAL", "APPROVED", "AWAITING_GATE"],
  moving: ["PROVISIONING", "WARMING", "SHADOWING", "STEP_ACTIVE", "PROMOTING", "BAKING", "ROLLING_BACK"],
  holding: ["HOLDING"],
  live: ["BAKING", "COMPLETED"],
  rolled_back: ["ROLLING_BACK", "ROLLED_BACK", "ABORTED"],
  ended: [...END_STATES],
};

/** How far back a list counts and searches by text. Older ones are found by number, endpoint or the audit trail. */
const SCANNED = 2000;

async function rowOf(db: ReadModels, record: ReleaseRecord, now: Date): Promise<ReleaseListRow> {
  const { release } = record;
  const author = await db.people.findPersonByPersonId(release.authorId);
  const ended = isEnded(release.state);
  const observed = ended ? null : await observe(db, record, now);
  const said = ended ? outcomeSentence(await db.releases.decisionsOf(release.id)) : null;
  const say = said ?? (observed ? sentenceOf(record, waitReasonOf(record, observed.observation, now), now, null) : "");
  return {
    releaseId: release.id,
    number: record.number,
    modelName: record.modelName,
    candidateVersionName: record.candidateName,
    stableVersionName: record.stableName,
    endpointName: record.endpointName,
    environmentName: record.environmentName,
    strategy: release.plan.strategy,
    state: release.state,
    holdReason: release.hold?.reason ?? null,
    stateSince: new Date(release.stateSinceMs).toISOString(),
    weightBp: releaseWeightBp(release),
    steps: miniSteps(release, observed?.observation.verdict ?? null),
    say,
    author: { kind: "person", name: author?.name ?? "Unknown person", role: null },
    startedAt: record.startedAt?.toISOString() ?? null,
    createdAt: record.createdAt.toISOString(),
    demo: record.demo,
  };
}

function matches(record: ReleaseRecord, { q, environment }: z.output<typeof releaseListViewQuery>): boolean {
  if (environment !== null && record.environmentName !== environment) return false;
  const text = `${record.number} ${record.modelName} ${record.candidateName} ${record.stableName} ${record.endpointName}`.toLowerCase();
  return q.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function parseCursor(cursor: string | null): number | undefined {
  if (cursor === null) return undefined;
  const number = Number(cursor);
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new AppError("invalid_input", "The cursor is not one of ours.", { errors: [{ pointer: "/cursor", message: "Take it from the previous page." }] });
  }
  return number;
}

/** The list of releases, newest first, with the counts of its filter chips. */
export const readReleaseList = query({
  name: "read-release-list",
  permission: "release:read",
  of: "many",
  input: releaseListViewQuery,
  async run({ db, actor, input, now }): Promise<ReleaseListView> {
    const allowed = environmentsAllowed(actor, "release:read");
    const filter = allowed === "all" ? {} : { environmentIds: [...allowed] };
    const found = (await db.releases.listReleases(filter, SCANNED)).filter((record) => matches(record, input));
    const count = (group: ReleaseListGroup) => found.filter(({ release }) => GROUPS[group].includes(release.state)).length;
    const before = parseCursor(input.cursor);
    const chosen = found.filter(
      ({ release, number }) =>
        (input.group === null || GROUPS[input.group].includes(release.state)) && (before === undefined || number < before),
    );
    const page = chosen.slice(0, input.limit);
    const rows: ReleaseListRow[] = [];
    for (const record of page) rows.push(await rowOf(db, record, now));
    const mayCreate = allowsSomewhere(actor, "release:create");
    return {
      asOf: now.toISOString(),
      rows,
      counts: {
        all: found.length,
        open: count("open"),
        awaiting: count("awaiting"),
        moving: count("moving"),
        holding: count("holding"),
        live: count("live"),
        rolled_back: count("rolled_back"),
        ended: count("ended"),
      },
      page: { next: chosen.length > page.length ? String(page.at(-1)?.number ?? "") : null, total: input.group === null ? found.length : count(input.group) },
      mayCreate: { open: mayCreate, closedBecause: mayCreate ? null : "Open to engineers and ML leads." },
    };
  },
});

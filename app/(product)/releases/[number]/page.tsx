import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache, type ReactNode } from "react";
import { ChallengeSection } from "#components/releases/challenge-section.tsx";
import { ReleasePage } from "#components/releases/release-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";
import { releaseStatus } from "#lib/client/release-status.ts";
import { allows } from "#lib/domain/access/permissions.ts";
import type { ReleaseView } from "#lib/contracts/views/release-view.ts";

type Props = { params: Promise<{ number: string }> };

/** Read once a request, for the title and for the page. */
const readRelease = cache(async (text: string): Promise<ReleaseView> => {
  const { app, actor } = await requireViewer(`/releases/${text}`);
  if (!/^[1-9]\d{0,8}$/.test(text)) notFound();
  return orNotFound(app.views.readReleaseView(actor, { number: Number(text) }));
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const release = await readRelease((await params).number);
  const word = releaseStatus(release.state).word.toLowerCase();
  return {
    title: `Release ${String(release.number)}: ${release.candidate.modelName} ${release.candidate.versionName}, ${word}`,
  };
}

export default async function Release({ params }: Props): Promise<ReactNode> {
  const text = (await params).number;
  const release = await readRelease(text);
  const { app, actor } = await requireViewer(`/releases/${text}`);
  const { data, breakGlass } = await app.signing.readChallenges(actor, { releaseId: release.releaseId });
  const { environmentId } = await app.store.read((db) => db.releases.getRelease({ id: release.releaseId }));
  const may = {
    challenge: allows(actor, "release:challenge", environmentId),
    breakGlass: allows(actor, "release:break_glass", environmentId),
    review: allows(actor, "release:approve", environmentId),
  };
  return (
    <ReleasePage initial={release}>
      <ChallengeSection
        releaseId={release.releaseId}
        boundDigest={release.approvals.boundDigest ?? ""}
        isPending={release.state === "PENDING_APPROVAL"}
        challenges={data}
        breakGlass={breakGlass}
        now={release.asOf}
        may={may}
      />
    </ReleasePage>
  );
}

import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache, type ReactNode } from "react";
import { ReleasePage } from "#components/releases/release-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";
import { releaseStatus } from "#lib/client/release-status.ts";
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
  return <ReleasePage initial={await readRelease((await params).number)} />;
}

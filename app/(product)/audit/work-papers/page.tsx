import type { Metadata } from "next";
import type { ReactNode } from "react";
import { ReviewListPage } from "#components/review/review-list-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";

export const metadata: Metadata = { title: "Work papers" };

export default async function WorkPapers(): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("audit:read", "/audit/work-papers");
  return <ReviewListPage view={await app.reviewDesk.list(actor)} />;
}

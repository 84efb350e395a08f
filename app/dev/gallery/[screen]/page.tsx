import { notFound } from "next/navigation";
import type { ReactNode } from "react";

/** Screens over made-up views, for looking at while they are being built. Not part of a production build. */
export default async function GalleryPage({
  params,
}: {
  params: Promise<{ screen: string }>;
}): Promise<ReactNode> {
  if (process.env.NODE_ENV === "production") notFound();
  const { GalleryScreen } = await import("./gallery-screen.tsx");
  return <GalleryScreen screen={(await params).screen} />;
}

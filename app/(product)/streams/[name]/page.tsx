import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { StreamPage } from "#components/streams/stream-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";
import { slug } from "#lib/contracts/registry-api.ts";

type Props = { params: Promise<{ name: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Stream ${(await params).name}` };
}

export default async function Stream({ params }: Props): Promise<ReactNode> {
  const { data: name } = slug.safeParse((await params).name);
  if (name === undefined) notFound();
  const { app, actor } = await requireViewer(`/streams/${name}`);
  return <StreamPage initial={await orNotFound(app.streams.readStream(actor, { name }))} />;
}

import { headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { type Permission, allowsSomewhere } from "#lib/domain/access/permissions.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { App } from "#lib/server/composition.ts";
import { getApp } from "./running-app.ts";
import type { Actor } from "#lib/server/ports.ts";
import { authenticate } from "./authenticate.ts";
import { callContext } from "./call-context.ts";

export type PageViewer = { readonly app: App; readonly actor: Actor };

/** Who looks at this page, or null; asked once a request, however many components want to know. */
export const findViewer = cache(async (): Promise<PageViewer | null> => {
  // Reading headers makes the page dynamic: nothing of it may ever be kept for somebody else.
  const given = await headers();
  const app = getApp();
  try {
    const actor = await authenticate(app, given, callContext(given, app.settings.trustedProxies), true);
    // A token is for programs; with one in hand, pages say what they say to strangers.
    return actor?.type === "person" ? { app, actor } : null;
  } catch (error) {
    if (error instanceof AppError && (error.code === "session_expired" || error.code === "not_authenticated")) return null;
    throw error;
  }
});

/** For every page behind the sign-in. `here`: the page's own address, to come back to. */
export async function requireViewer(here = "/"): Promise<PageViewer> {
  const viewer = await findViewer();
  return viewer ?? redirect(`/sign-in?next=${encodeURIComponent(here)}`);
}

/** For pages whose existence is no secret but whose content is for some only: others see "not found". */
export async function requireViewerWith(permission: Permission, here = "/"): Promise<PageViewer> {
  const viewer = await requireViewer(here);
  return allowsSomewhere(viewer.actor, permission) ? viewer : notFound();
}

/** Runs a page's read; what is missing or not for this viewer becomes the page "not found". */
export async function orNotFound<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof AppError && (error.code === "not_found" || error.code === "forbidden")) notFound();
    throw error;
  }
}

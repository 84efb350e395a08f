"use client";

import { createContext, use, type ReactNode } from "react";
import type { ShellView } from "#lib/contracts/views/shell-view.ts";

const ViewerContext = createContext<ShellView | null>(null);

export function ViewerProvider({ shell, children }: { shell: ShellView; children: ReactNode }) {
  return <ViewerContext value={shell}>{children}</ViewerContext>;
}

/** Who reads this page, in which zone. Only inside the product frame. */
export function useViewer(): ShellView {
  const shell = use(ViewerContext);
  if (shell === null) throw new Error("useViewer needs a ViewerProvider above it");
  return shell;
}

export function useTimeZone(): string {
  return useViewer().viewer.timeZone;
}

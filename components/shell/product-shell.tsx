"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { useState, type ReactNode } from "react";
import { ApiProblem } from "#lib/client/api-client.ts";
import type { Theme } from "#lib/client/theme.ts";
import type { ShellView } from "#lib/contracts/views/shell-view.ts";
import { ToastProvider } from "../ui/toast.tsx";
import { CommandPalette } from "./command-palette.tsx";
import { KeyHelp } from "./key-help.tsx";
import { LiveProvider } from "./live-provider.tsx";
import { Rail } from "./rail.tsx";
import { ShortcutsProvider, useShortcuts } from "./shortcuts-provider.tsx";
import { ViewerProvider } from "./viewer-context.tsx";

/** The frame around every page: rail, live stream, keys, palette, toasts. */
export function ProductShell({
  shell,
  theme,
  children,
}: {
  shell: ShellView;
  theme: Theme;
  children: ReactNode;
}) {
  const [client] = useState(createClient);
  return (
    <NuqsAdapter>
      <QueryClientProvider client={client}>
        <ViewerProvider shell={shell}>
          <ShortcutsProvider>
            <LiveProvider>
              <ToastProvider>
                <Frame theme={theme}>{children}</Frame>
              </ToastProvider>
            </LiveProvider>
          </ShortcutsProvider>
        </ViewerProvider>
      </QueryClientProvider>
    </NuqsAdapter>
  );
}

function Frame({ theme, children }: { theme: Theme; children: ReactNode }) {
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  useShortcuts([
    {
      keys: "Ctrl+K",
      does: "Find or do",
      run: () => {
        setPalette(true);
      },
    },
    {
      keys: "?",
      does: "All keys",
      run: () => {
        setHelp(true);
      },
      inPalette: true,
    },
  ]);
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <div className="shell">
        <Rail
          theme={theme}
          onFind={() => {
            setPalette(true);
          }}
        />
        <main className="page" id="main" tabIndex={-1}>
          {children}
        </main>
      </div>
      <CommandPalette
        open={palette}
        onClose={() => {
          setPalette(false);
        }}
      />
      <KeyHelp
        open={help}
        onClose={() => {
          setHelp(false);
        }}
      />
    </>
  );
}

/** Last good numbers stay on the screen; refusals are not asked for again. */
function createClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 1_000,
        refetchOnWindowFocus: true,
        retry: (failures, error) =>
          failures < 2 &&
          (!(error instanceof ApiProblem) || error.status === 0 || error.status >= 500),
      },
    },
  });
}

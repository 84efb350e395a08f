"use client";

import { useState, type ReactNode } from "react";
import { emptyInboxFixture, inboxFixture } from "#components/inbox/inbox-view.fixture.ts";
import { InboxPage } from "#components/inbox/inbox-page.tsx";
import { newReleaseFixture } from "#components/releases/new-release-view.fixture.ts";
import { NewReleasePage } from "#components/releases/new-release-page.tsx";
import { releaseListFixture } from "#components/releases/release-list-view.fixture.ts";
import { ReleaseListPage } from "#components/releases/release-list-page.tsx";
import { ReleasePage } from "#components/releases/release-page.tsx";
import { holdingRelease } from "#components/releases/release-view.fixture.ts";
import {
  bakingRelease,
  pendingRelease,
  rolledBackRelease,
  rollingBackRelease,
} from "#components/releases/release-variants.fixture.ts";
import { ProductShell } from "#components/shell/product-shell.tsx";
import { shellFixture } from "#components/shell/shell-view.fixture.ts";
import { Primitives } from "./primitives.tsx";

const noFilter = { q: "", group: null, environment: null, cursor: null };

const screens: Readonly<Record<string, () => ReactNode>> = {
  inbox: () => <InboxPage initial={inboxFixture} initialEnvironment={null} />,
  "inbox-empty": () => <InboxPage initial={emptyInboxFixture} initialEnvironment={null} />,
  releases: () => <ReleaseListPage initial={releaseListFixture} initialFilter={noFilter} />,
  holding: () => <ReleasePage initial={holdingRelease} />,
  pending: () => <ReleasePage initial={pendingRelease} />,
  "rolling-back": () => <ReleasePage initial={rollingBackRelease} />,
  "rolled-back": () => <ReleasePage initial={rolledBackRelease} />,
  baking: () => <ReleasePage initial={bakingRelease} />,
  "new-release": () => (
    <NewReleasePage initial={newReleaseFixture} initialEndpoint="tumour-triage" />
  ),
  primitives: () => <Primitives />,
};

export function GalleryScreen({ screen }: { screen: string }): ReactNode {
  const [shell] = useState(shellFixture);
  const draw = screens[screen];
  return (
    <ProductShell shell={shell} theme="system">
      {draw ? draw() : <p>Screens: {Object.keys(screens).join(", ")}</p>}
    </ProductShell>
  );
}

"use client";

import { useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import { useRouter } from "next/navigation";
import { useDeferredValue, useState } from "react";
import { releaseStatus } from "#lib/client/release-status.ts";
import { applyTheme, themes, themeWords } from "#lib/client/theme.ts";
import { searchQuery } from "#lib/client/view-queries.ts";
import { searchKinds, type SearchItem } from "#lib/contracts/views/search-view.ts";
import { Dialog } from "../ui/dialog.tsx";
import { KeyHints, Keys } from "../ui/keys.tsx";
import { Status } from "../ui/status.tsx";
import { keyCaps } from "./key-help.tsx";
import { Marked } from "./marked.tsx";
import { navItems } from "./nav-items.ts";
import { useShortcutList } from "./shortcuts-provider.tsx";
import { useViewer } from "./viewer-context.tsx";

type Act = {
  readonly id: string;
  readonly title: string;
  readonly keys: string;
  readonly run: () => void;
};

const kindTitles: Readonly<Record<SearchItem["kind"], string>> = {
  release: "Releases",
  model: "Models",
  version: "Versions",
  endpoint: "Endpoints",
  person: "People",
};

/** Find a thing or do an act of this page. Acts open the same dialogs as their buttons. */
export function CommandPalette({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} labelledBy="palette-title" className="palette">
      <h2 id="palette-title" className="vh">
        Find or do
      </h2>
      <Palette onDone={onClose} />
    </Dialog>
  );
}

function Palette({ onDone }: { onDone: () => void }) {
  const router = useRouter();
  const [typed, setTyped] = useState("");
  const actsOnly = typed.startsWith(">");
  const q = useDeferredValue(typed.replace(/^>\s*/, "").trim());
  const { data, isFetching, error } = useQuery({
    ...searchQuery(q),
    enabled: !actsOnly,
    placeholderData: (previous) => previous,
  });
  const acts = useActs(onDone).filter((act) => act.title.toLowerCase().includes(q.toLowerCase()));
  const items = actsOnly ? [] : (data?.items ?? []);

  const go = (href: string) => {
    onDone();
    router.push(href);
  };

  return (
    <Command shouldFilter={false} loop label="Find or do">
      <div className="palette-q">
        <Command.Input
          value={typed}
          onValueChange={setTyped}
          placeholder="A release, model, version, digest, person, or an act"
        />
        <kbd>Esc</kbd>
      </div>
      <Command.List label="Results">
        {items.length + acts.length === 0 ? (
          <p className="palette-say">
            {error ? error.message : isFetching ? "Looking…" : `Nothing here is called “${q}”.`}
          </p>
        ) : null}
        {searchKinds.map((kind) => {
          const found = items.filter((item) => item.kind === kind);
          return found.length === 0 ? null : (
            <Command.Group key={kind} heading={kindTitles[kind]}>
              {found.map((item) => (
                <Command.Item
                  key={item.id}
                  value={`${kind} ${item.id}`}
                  onSelect={() => {
                    go(item.href);
                  }}
                >
                  <span>
                    <Marked text={item.title} q={q} />
                    <small>{item.subtitle}</small>
                  </span>
                  <span>
                    {item.releaseState === null ? null : (
                      <Status shape={releaseStatus(item.releaseState).shape}>
                        {releaseStatus(item.releaseState).word}
                      </Status>
                    )}
                  </span>
                </Command.Item>
              ))}
            </Command.Group>
          );
        })}
        {acts.length === 0 ? null : (
          <Command.Group heading="Do">
            {acts.map((act) => (
              <Command.Item key={act.id} value={`act ${act.id}`} onSelect={act.run}>
                <span>
                  <Marked text={act.title} q={q} />
                </span>
                <span>{act.keys === "" ? null : <Keys keys={keyCaps(act.keys)} />}</span>
              </Command.Item>
            ))}
          </Command.Group>
        )}
      </Command.List>
      <div className="palette-foot">
        <span className="caption" role="status">
          {items.length + acts.length} found{data?.more === true ? ", more when you type on" : ""}
        </span>
        <KeyHints
          hints={[
            { keys: ["Enter"], does: "open" },
            { keys: [">"], does: "acts only" },
          ]}
        />
      </div>
    </Command>
  );
}

/** Acts of the page first (they are in its shortcuts), then places, then settings. */
function useActs(onDone: () => void): readonly Act[] {
  const router = useRouter();
  const { nav } = useViewer();
  const shortcuts = useShortcutList();
  const fromPage = shortcuts
    .filter((shortcut) => shortcut.inPalette)
    .map((shortcut) => ({
      id: `page ${shortcut.does}`,
      title: shortcut.does,
      keys: shortcut.keys,
      run: () => {
        onDone();
        // The palette's own dialog has to be closed before the act opens another.
        setTimeout(shortcut.run, 0);
      },
    }));
  const places = navItems
    .filter((item) => item.may(nav))
    .map((item) => ({
      id: `go ${item.href}`,
      title: `Go to ${item.label}`,
      keys: `g ${item.key}`,
      run: () => {
        onDone();
        router.push(item.href);
      },
    }));
  const reference = {
    id: "go /docs/api",
    title: "Go to the API reference",
    keys: "",
    run: () => {
      onDone();
      router.push("/docs/api");
    },
  };
  const looks = themes.map((theme) => ({
    id: `theme ${theme}`,
    title: `Theme: ${themeWords[theme].toLowerCase()}`,
    keys: "",
    run: () => {
      applyTheme(theme, document);
      onDone();
    },
  }));
  return [...fromPage, ...places, ...(nav.models ? [reference] : []), ...looks];
}

"use client";

import {
  createContext,
  use,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from "react";
import { readMemory, writeMemory } from "#lib/client/browser-memory.ts";
import { isCharacterKey, matchPress, pressName, type Sequence } from "#lib/client/shortcut-keys.ts";

export type Shortcut = {
  /** "g i", "Shift+R", "?", "Ctrl+K". Empty: an act of the palette without a key. */
  readonly keys: string;
  /** What it does, as in the help: "Roll back to 3.1.4". */
  readonly does: string;
  readonly run: () => void;
  /** Also offered as an act in the command palette. */
  readonly inPalette?: boolean;
};

type Registry = {
  readonly add: (shortcut: Shortcut) => () => void;
  readonly list: () => readonly Shortcut[];
  readonly subscribe: (listener: () => void) => () => void;
};

const RegistryContext = createContext<Registry | null>(null);
const SINGLE_KEYS = "slipway.single-keys";

function createRegistry(): Registry {
  let all: readonly Shortcut[] = [];
  const listeners = new Set<() => void>();
  const set = (next: readonly Shortcut[]) => {
    all = next;
    for (const listener of listeners) listener();
  };
  return {
    add: (shortcut) => {
      set([...all, shortcut]);
      return () => {
        set(all.filter((known) => known !== shortcut));
      };
    },
    list: () => all,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function ShortcutsProvider({ children }: { children: ReactNode }) {
  const [registry] = useState(createRegistry);
  const begun = useRef<Sequence | null>(null);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const name = pressName(event);
      if (name === null) return;
      const known = registry
        .list()
        .filter((shortcut) => shortcut.keys !== "" && isOpenNow(shortcut.keys, event));
      const match = matchPress(
        known.map((shortcut) => shortcut.keys),
        begun.current,
        name,
        performance.now(),
      );
      begun.current = match.begun;
      const hit = known.findLast((shortcut) => shortcut.keys === match.hit);
      if (!hit) return;
      event.preventDefault();
      hit.run();
    };
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
    };
  }, [registry]);

  return <RegistryContext value={registry}>{children}</RegistryContext>;
}

/** Character keys are dead while something is typed, while a dialog is open, and when the reader switched them off. */
function isOpenNow(keys: string, event: KeyboardEvent): boolean {
  if (!isCharacterKey(keys)) return true;
  if (readMemory(SINGLE_KEYS) === "off" || document.querySelector("dialog[open]")) return false;
  const target = event.target;
  return (
    !(target instanceof HTMLElement) ||
    !(target.isContentEditable || target.matches("input, textarea, select, [role='slider']"))
  );
}

/** Adds shortcuts while the component stands. `run` may change between renders without registering again. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const registry = use(RegistryContext);
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  const shape = shortcuts
    .map((shortcut) => `${shortcut.keys}\n${shortcut.does}\n${String(shortcut.inPalette ?? false)}`)
    .join("\n\n");
  useEffect(() => {
    if (!registry) return;
    const removers = latest.current.map((shortcut, index) =>
      registry.add({ ...shortcut, run: () => latest.current[index]?.run() }),
    );
    return () => {
      for (const remove of removers) remove();
    };
  }, [registry, shape]);
}

const nothing: readonly Shortcut[] = [];

/** All shortcuts in force on this page, for the help and the palette. */
export function useShortcutList(): readonly Shortcut[] {
  const registry = use(RegistryContext);
  return useSyncExternalStore(
    registry?.subscribe ?? (() => () => undefined),
    registry?.list ?? (() => nothing),
    () => nothing,
  );
}

/** The reader's switch for single keys, kept in this browser. */
export function useSingleKeys(): { readonly on: boolean; readonly set: (on: boolean) => void } {
  const [version, setVersion] = useState(0);
  const on = useSyncExternalStore(
    useCallback((listener: () => void) => {
      window.addEventListener("storage", listener);
      return () => {
        window.removeEventListener("storage", listener);
      };
    }, []),
    () => readMemory(SINGLE_KEYS) !== "off",
    () => true,
  );
  return useMemo(
    () => ({
      on,
      set: (next: boolean) => {
        writeMemory(SINGLE_KEYS, next ? "on" : "off");
        setVersion(version + 1);
      },
    }),
    [on, version],
  );
}

"use client";

import type { RefObject } from "react";
import { useShortcuts } from "./shortcuts-provider.tsx";

/** j and k move the focus over the links marked `data-list-link` inside; o opens the focused one. */
export function useListKeys(container: RefObject<HTMLElement | null>): void {
  const links = () => [
    ...(container.current?.querySelectorAll<HTMLElement>("[data-list-link]") ?? []),
  ];
  const move = (by: 1 | -1) => {
    const all = links();
    const at = all.findIndex((link) => link === document.activeElement);
    const next =
      at < 0 ? (by === 1 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
    all[next]?.focus();
  };
  useShortcuts([
    {
      keys: "j",
      does: "Next row",
      run: () => {
        move(1);
      },
    },
    {
      keys: "k",
      does: "Previous row",
      run: () => {
        move(-1);
      },
    },
    {
      keys: "o",
      does: "Open the row",
      run: () => {
        links()
          .find((link) => link === document.activeElement)
          ?.click();
      },
    },
  ]);
}

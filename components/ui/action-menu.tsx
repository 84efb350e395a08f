"use client";

import { useEffect, useRef, type ReactNode } from "react";

/** "More": a native disclosure that closes on Escape, on a click elsewhere and after an act. */
export function ActionMenu({ label, children }: { label: string; children: ReactNode }) {
  const ref = useRef<HTMLDetailsElement>(null);

  useEffect(() => {
    const close = (event: Event) => {
      const menu = ref.current;
      if (!menu?.open) return;
      if (event instanceof KeyboardEvent) {
        if (event.key !== "Escape") return;
        menu.open = false;
        menu.querySelector("summary")?.focus();
        return;
      }
      if (!(event.target instanceof Node) || !menu.contains(event.target)) menu.open = false;
    };
    document.addEventListener("click", close);
    document.addEventListener("keydown", close);
    return () => {
      document.removeEventListener("click", close);
      document.removeEventListener("keydown", close);
    };
  }, []);

  return (
    <details className="menu" ref={ref}>
      <summary className="btn" aria-label={`${label} actions`}>
        {label}
      </summary>
      <div
        className="menu-list"
        onClick={() => {
          if (ref.current) ref.current.open = false;
        }}
      >
        {children}
      </div>
    </details>
  );
}

export type MenuItemProps = {
  readonly title: string;
  readonly note?: string | undefined;
  readonly closed?: boolean;
  readonly onSelect?: () => void;
  readonly className?: string;
};

export function MenuItem({ title, note, closed = false, onSelect, className }: MenuItemProps) {
  return (
    <button
      type="button"
      className={className}
      aria-disabled={closed || undefined}
      onClick={(event) => {
        if (closed) {
          event.stopPropagation();
          return;
        }
        onSelect?.();
      }}
    >
      {title}
      {note ? <small>{note}</small> : null}
    </button>
  );
}

import type { ReactNode } from "react";

export type EmptyStateProps = {
  readonly title: string;
  /** Level of the title: h2 straight under a page's title, h3 inside a section. */
  readonly heading?: "h2" | "h3";
  readonly children: ReactNode;
  readonly action?: ReactNode;
  /** A command that does the same. */
  readonly command?: string;
};

/** What this will show, the next act, and the command that does it. The empty gauge waits for its first mark. */
export function EmptyState({
  title,
  heading: Heading = "h2",
  children,
  action,
  command,
}: EmptyStateProps) {
  const ticks = [12, 20, 28, 36, 44, 52, 60, 68, 76];
  return (
    <div className="empty">
      <svg viewBox="0 0 44 88" aria-hidden="true">
        <rect x="14" y="10" width="18" height="18" fill="url(#past)" />
        <path d="M14 6v76" className="l-hull" />
        {ticks.map((y, index) => (
          <path key={y} d={`M${index % 2 === 0 ? "2" : "6"} ${String(y)}H14`} className="l-axis" />
        ))}
        <rect x="14" y="26" width="26" height="5" className="l-limit-bar" />
      </svg>
      <Heading className="empty-title">{title}</Heading>
      <p>{children}</p>
      {action || command ? (
        <div className="chips">
          {action ?? null}
          {command ? <code>{command}</code> : null}
        </div>
      ) : null}
    </div>
  );
}

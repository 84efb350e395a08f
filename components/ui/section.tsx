import type { ReactNode } from "react";

export type SectionProps = {
  /** Id of the heading; also the anchor of the section. */
  readonly id: string;
  readonly title: ReactNode;
  readonly caption?: ReactNode;
  readonly end?: ReactNode;
  /** Without space and rule above: first on its page, or inside a column that has them. */
  readonly bare?: boolean;
  /** Space above, but no rule: its first row brings one. */
  readonly unruled?: boolean;
  readonly children: ReactNode;
};

/** A region with its heading. Parted from the next by a hairline and space, never by a box. */
export function Section({
  id,
  title,
  caption,
  end,
  bare = false,
  unruled = false,
  children,
}: SectionProps) {
  return (
    <section
      className={bare ? undefined : unruled ? "section is-unruled" : "section"}
      aria-labelledby={id}
    >
      <div className="section-head">
        <h2 id={id}>{title}</h2>
        {caption ? <span className="caption">{caption}</span> : null}
        {end ? <span className="end">{end}</span> : null}
      </div>
      {children}
    </section>
  );
}

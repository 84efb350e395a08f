"use client";

import Link from "next/link";
import { Fragment } from "react";
import { LiveTick } from "./live-tick.tsx";

export type Crumb = { readonly href?: string; readonly label: string };

/** Top line of a page: where it is, and how fresh. */
export function Strip({ crumbs, asOf }: { crumbs: readonly Crumb[]; asOf: string }) {
  return (
    <div className="strip">
      <nav className="crumb" aria-label="Breadcrumb">
        {crumbs.map((crumb) => (
          <Fragment key={crumb.label}>
            <span>
              {crumb.href === undefined ? (
                crumb.label
              ) : (
                <Link href={crumb.href} prefetch={false}>
                  {crumb.label}
                </Link>
              )}
            </span>
          </Fragment>
        ))}
      </nav>
      <LiveTick asOf={asOf} />
    </div>
  );
}

"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { Strip } from "../shell/strip.tsx";

export type SettingsPlaces = {
  readonly people: boolean;
  readonly singleSignOn: boolean;
  readonly serviceAccounts: boolean;
  readonly tokens: boolean;
  readonly installation: boolean;
  readonly signing: boolean;
  readonly retention: boolean;
  readonly channels: boolean;
};

const places = [
  { key: "people", href: "/settings/people", label: "People" },
  { key: "singleSignOn", href: "/settings/single-sign-on", label: "Single sign-on" },
  { key: "serviceAccounts", href: "/settings/service-accounts", label: "Service accounts" },
  { key: "tokens", href: "/settings/tokens", label: "API tokens" },
  { key: "channels", href: "/settings/channels", label: "Channels" },
  { key: "signing", href: "/settings/signing", label: "Signing" },
  { key: "retention", href: "/settings/retention", label: "Retention" },
  { key: "installation", href: "/settings/installation", label: "Installation" },
] as const;

/** Heading and the parts of the settings that the viewer may open. */
export function SettingsFrame({
  title,
  sub,
  asOf,
  open,
  children,
}: {
  title: string;
  sub: string;
  asOf: string;
  open: SettingsPlaces;
  children: ReactNode;
}) {
  const path = usePathname();
  return (
    <>
      <Strip crumbs={[{ href: "/settings", label: "Settings" }, { label: title }]} asOf={asOf} />
      <div className="page-head">
        <div>
          <h1>{title}</h1>
          <p className="sub">{sub}</p>
        </div>
      </div>
      <nav className="settings-nav" aria-label="Settings">
        {places
          .filter(({ key }) => open[key])
          .map(({ key, href, label }) => (
            <Link
              key={key}
              href={href}
              prefetch={false}
              aria-current={path === href ? "page" : undefined}
            >
              {label}
            </Link>
          ))}
      </nav>
      {children}
    </>
  );
}

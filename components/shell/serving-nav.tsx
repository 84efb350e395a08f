"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";

const places = [
  { href: "/endpoints", label: "Endpoints" },
  { href: "/batch", label: "Batch jobs" },
  { href: "/streams", label: "Streams" },
  { href: "/targets", label: "Targets" },
  { href: "/devices", label: "Devices" },
] as const;

/** The parts of serving, under one entry of the rail. */
export function ServingNav() {
  const path = usePathname();
  return (
    <nav className="settings-nav" aria-label="Serving">
      {places.map(({ href, label }) => (
        <Link key={href} href={href} prefetch={false} aria-current={path === href ? "page" : undefined}>
          {label}
        </Link>
      ))}
    </nav>
  );
}

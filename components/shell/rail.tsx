"use client";

import Link from "next/link";
import { usePathname, useRouter } from "next/navigation";
import { parseAsString, useQueryState } from "nuqs";
import { Suspense, useRef } from "react";
import { useQuery } from "@tanstack/react-query";
import { formatZone, formatZonePlace } from "#lib/client/format-time.ts";
import { shellQuery } from "#lib/client/view-queries.ts";
import type { Theme } from "#lib/client/theme.ts";
import { BrandMark } from "../ui/mark.tsx";
import { Keys } from "../ui/keys.tsx";
import { isCurrent, navItems } from "./nav-items.ts";
import { PersonMenu } from "./person-menu.tsx";
import { useShortcuts } from "./shortcuts-provider.tsx";
import { useViewer } from "./viewer-context.tsx";

/** Left rail; a top bar with a menu below 960 px. Text only. The badge stands on the first entry alone. */
export function Rail({ theme, onFind }: { theme: Theme; onFind: () => void }) {
  const shell = useViewer();
  const path = usePathname();
  const router = useRouter();
  const menu = useRef<HTMLElement>(null);
  const { data: live } = useQuery({ ...shellQuery(), initialData: shell, staleTime: 5_000 });
  const items = navItems.filter((item) => item.may(shell.nav));
  useShortcuts(
    items.map((item) => ({
      keys: `g ${item.key}`,
      does: `Go to ${item.label}`,
      run: () => {
        router.push(item.href);
      },
    })),
  );

  return (
    <header className="rail">
      <div className="rail-in">
        <Link className="brand" href="/inbox" prefetch={false}>
          <BrandMark />
          Slipway
        </Link>
        <Suspense>
          <EnvironmentFilter environments={shell.environments} />
        </Suspense>
        <button className="btn btn-quiet rail-menu" type="button" popoverTarget="nav">
          Menu
        </button>
        <nav className="rail-nav" id="nav" popover="auto" aria-label="Main" ref={menu}>
          {items.map((item) => (
            <Link
              key={item.href}
              href={item.href}
              prefetch={false}
              aria-current={isCurrent(item, path) ? "page" : undefined}
              onClick={() => {
                if (menu.current?.matches(":popover-open")) menu.current.hidePopover();
              }}
            >
              <span>{item.label}</span>
              {item.href === "/inbox" && live.needsYou > 0 ? (
                <span className="count">
                  {live.needsYou}
                  <span className="vh"> need you</span>
                </span>
              ) : null}
            </Link>
          ))}
        </nav>
        <RailFoot theme={theme} onFind={onFind} />
      </div>
    </header>
  );
}

function RailFoot({ theme, onFind }: { theme: Theme; onFind: () => void }) {
  const { viewer, asOf } = useViewer();
  return (
    <div className="rail-foot">
      <PersonMenu theme={theme} />
      <span>
        Times in {formatZone(asOf, viewer.timeZone)}
        {viewer.timeZone === "UTC" ? "" : `, ${formatZonePlace(viewer.timeZone)}`}
      </span>
      <button type="button" className="rail-find" onClick={onFind}>
        <Keys keys={["Ctrl", "K"]} /> find or do
      </button>
    </div>
  );
}

/** Environment is a filter of lists, kept in the address; it is not a place. */
function EnvironmentFilter({ environments }: { environments: readonly string[] }) {
  const [environment, setEnvironment] = useQueryState(
    "env",
    parseAsString.withOptions({ shallow: false }),
  );
  return (
    <label className="where">
      <span className="caption">Environment</span>
      <select
        className="input where-select"
        value={environment ?? ""}
        onChange={(event) => {
          void setEnvironment(event.target.value === "" ? null : event.target.value);
        }}
      >
        <option value="">All environments</option>
        {environments.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

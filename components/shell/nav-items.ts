import type { ShellView } from "#lib/contracts/views/shell-view.ts";

export type NavItem = {
  readonly href: string;
  readonly label: string;
  /** Second key after g. */
  readonly key: string;
  readonly may: (nav: ShellView["nav"]) => boolean;
};

/** The rail, in order. */
export const navItems: readonly NavItem[] = [
  { href: "/inbox", label: "Inbox", key: "i", may: () => true },
  { href: "/releases", label: "Releases", key: "r", may: () => true },
  { href: "/models", label: "Models", key: "m", may: (nav) => nav.models },
  { href: "/endpoints", label: "Endpoints", key: "e", may: (nav) => nav.endpoints },
  { href: "/assurance", label: "Assurance", key: "s", may: (nav) => nav.assurance },
  { href: "/incidents", label: "Incidents", key: "n", may: (nav) => nav.incidents },
  { href: "/audit", label: "Audit", key: "a", may: (nav) => nav.audit },
  { href: "/settings", label: "Settings", key: "t", may: (nav) => nav.settings },
];

/** Whether the path lies under this entry; the inbox is also at "/". */
export function isCurrent(item: NavItem, path: string): boolean {
  if (item.href === "/inbox" && path === "/") return true;
  if (item.href === "/endpoints" && /^\/(batch|streams|targets|devices)(\/|$)/.test(path)) return true;
  if (item.href === "/incidents" && (path === "/runbooks" || path.startsWith("/runbooks/"))) return true;
  return path === item.href || path.startsWith(`${item.href}/`);
}

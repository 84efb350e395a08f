import type { ShellView } from "#lib/contracts/views/shell-view.ts";

/** A made-up viewer for the development gallery and component tests. */
export const shellFixture: ShellView = {
  asOf: "2026-11-23T14:11:30.000Z",
  install: { name: "slipway.local", version: "0.1.0", demo: true, rolesSeparated: true },
  viewer: {
    userId: "u1",
    name: "Ines Albrecht",
    email: "lead@demo",
    roleLabels: ["ML Lead"],
    timeZone: "Europe/London",
  },
  needsYou: 4,
  environments: ["production", "staging"],
  nav: { models: true, endpoints: true, assurance: true, incidents: true, audit: true, settings: true },
};

import type { ClockView } from "#lib/contracts/incident-api.ts";
import { type Clock, clockLengthText, clocksOf } from "#lib/domain/incident/clocks.ts";
import type { IncidentRecord } from "../db/incident-repository.ts";

/** The clocks of one incident at a moment, from what is recorded. `sector` is the model's. */
export const clocksOfIncident = (incident: IncidentRecord, sector: string | null, now: Date): Clock[] =>
  clocksOf(
    {
      harms: incident.harms,
      lawRoles: incident.lawRoles,
      jurisdictions: incident.jurisdictions,
      sector,
      awareAtMs: incident.awareAt.getTime(),
      reports: incident.reports.map(({ clockId, sentAt }) => ({ clockId, sentAtMs: sentAt.getTime() })),
    },
    now.getTime(),
  );

export const clockView = ({ rule, endsAtMs, state, metAtMs }: Clock): ClockView => ({
  id: rule.id,
  citation: rule.citation,
  law: rule.law,
  duty: rule.duty,
  length: clockLengthText(rule.length),
  also: rule.also,
  recipient: rule.recipient,
  confidence: rule.confidence,
  endsAt: new Date(endsAtMs).toISOString(),
  state,
  metAt: metAtMs === null ? null : new Date(metAtMs).toISOString(),
});

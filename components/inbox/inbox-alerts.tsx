import Link from "next/link";
import type { InboxView } from "#lib/contracts/views/inbox-view.ts";
import { Instant } from "../shell/instant.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";

/** Alerts that nobody has acknowledged. Nothing at all when there is none. */
export function InboxAlerts({ alerts, now }: { alerts: InboxView["alerts"]; now: string }) {
  if (alerts.length === 0) return null;
  return (
    <Section
      id="inbox-alerts"
      title="Alerts"
      caption="firing, and nobody has said that they look"
      end={
        <Link className="small" href="/alerts" prefetch={false}>
          All alerts
        </Link>
      }
    >
      <ul className="plain">
        {alerts.map((alert) => (
          <li key={alert.number}>
            <Status shape="failed">{alert.severity === "page" ? "Firing, page" : "Firing"}</Status>{" "}
            <Link href={`/endpoints/${encodeURIComponent(alert.endpointName)}/monitoring#alerts`} prefetch={false}>
              {alert.title} on {alert.endpointName}
            </Link>{" "}
            {alert.sentence}{" "}
            <span className="caption">
              since <Instant at={alert.firedAt} now={now} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

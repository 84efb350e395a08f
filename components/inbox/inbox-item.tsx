"use client";

import Link from "next/link";
import { formatDuration, secondsBetween } from "#lib/client/format-time.ts";
import { releaseStatus } from "#lib/client/release-status.ts";
import type { InboxItem } from "#lib/contracts/views/inbox-view.ts";
import { MiniGauge } from "../charts/ratio-gauge.tsx";
import { SpineMini } from "../charts/spine-mini.tsx";
import { Instant } from "../shell/instant.tsx";
import { ButtonLink } from "../ui/button.tsx";
import { Status } from "../ui/status.tsx";
import { Tag } from "../ui/tag.tsx";

/** One row of the inbox: status and since when, what it is and what it says, the gauge that matters, the next act. */
export function InboxRow({
  item,
  now,
  heading: Heading,
}: {
  item: InboxItem;
  now: string;
  heading: "h2" | "h3";
}) {
  const status = releaseStatus(item.state);
  const page = `/releases/${String(item.number)}`;
  const titleId = `inbox-${item.releaseId}`;
  return (
    <li data-list-item>
      <div>
        <Status shape={status.shape}>{status.word}</Status>
        <p className="when">
          {item.sinceWord} <Instant at={item.since} now={now} />
          {item.kind === "decided" ? null : `, ${formatDuration(secondsBetween(item.since, now))}`}
          <br />
          release {item.number}, {item.environmentName}
        </p>
      </div>
      <div>
        <Heading className="queue-title">
          <Link href={page} id={titleId} data-list-link prefetch={false}>
            {item.title}
          </Link>{" "}
          {item.demo ? <Tag>Demo</Tag> : null}
        </Heading>
        <p className="say">{item.say}</p>
        <SpineMini steps={item.steps} />
      </div>
      <div>{item.gauge === null ? null : <MiniGauge {...item.gauge} />}</div>
      <div className="acts">
        <div className="row chips">
          <ItemActs item={item} page={page} />
        </div>
      </div>
    </li>
  );
}

/** The next act by kind; Roll back wherever the release is live and the viewer may. */
function ItemActs({ item, page }: { item: InboxItem; page: string }) {
  const about = <span className="vh">, {item.title}</span>;
  if (item.kind === "approve") {
    return (
      <ButtonLink href={page} variant="primary">
        Review and approve{about}
      </ButtonLink>
    );
  }
  if (item.kind === "owed") {
    return (
      <ButtonLink href={page} variant="primary">
        Write the reason{about}
      </ButtonLink>
    );
  }
  const openLabel =
    item.kind === "decided"
      ? "Open the record"
      : item.kind === "moving"
        ? "Watch"
        : item.kind === "decide"
          ? "Decide"
          : "Open";
  return (
    <>
      <ButtonLink href={page}>
        {openLabel}
        {about}
      </ButtonLink>
      {item.kind !== "decided" && item.rollback.open ? (
        <ButtonLink href={`${page}#rollback`} variant="danger">
          Roll back{about}
        </ButtonLink>
      ) : null}
    </>
  );
}

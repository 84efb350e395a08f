"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { formatBytes, formatCount } from "#lib/client/format-number.ts";
import { versionQuery } from "#lib/client/registry-queries.ts";
import {
  comparePath,
  modelPath,
  placeStatus,
  profileStatus,
  scanPath,
  spoken,
  strongestPlace,
} from "#lib/client/registry-words.ts";
import type { VersionView } from "#lib/contracts/views/version-view.ts";
import { Instant } from "../shell/instant.tsx";
import { StaleBanner } from "../shell/live-tick.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { ButtonLink } from "../ui/button.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { Tag } from "../ui/tag.tsx";
import { ContractSection } from "./contract-section.tsx";
import { DependenciesSection } from "./dependencies-section.tsx";
import { EvidenceTable } from "./evidence-table.tsx";
import { FilesTable } from "./files-table.tsx";
import { FindingsTable } from "./findings-table.tsx";
import { GraphSection } from "./graph-section.tsx";
import { LineageSection } from "./lineage-section.tsx";
import { MetricsSection } from "./metrics-section.tsx";
import { ModelCard } from "./model-card.tsx";
import { OutsideSection } from "./outside-section.tsx";
import { PlacesSection } from "./places-section.tsx";
import { PortabilitySection } from "./portability-section.tsx";
import { ProfileSection } from "./profile-section.tsx";
import { ReleasesTable } from "./releases-table.tsx";
import { TryIt } from "./try-it.tsx";

/** How often a version is read again while its sandbox run is not over: taking a job is no event of the stream. */
const WAITING_MS = 2_000;

/** One version: where it is live first, then what it takes, how good it is, where it comes from, what is known of it. */
export function VersionPage({ initial }: { initial: VersionView }) {
  const { data } = useQuery({
    ...versionQuery(initial.modelName, initial.versionName),
    initialData: initial,
    refetchInterval: (query) =>
      query.state.data?.state === "registered" && query.state.data.profile.state !== "none"
        ? WAITING_MS
        : false,
  });
  const now = useServerNow(data.asOf);
  return (
    <>
      <Strip
        crumbs={[
          { href: "/models", label: "Models" },
          { href: modelPath(data.modelName), label: data.modelName },
          { label: data.versionName },
        ]}
        asOf={data.asOf}
      />
      <StaleBanner asOf={data.asOf} />
      <VersionHead version={data} now={now} />
      <PlacesSection version={data} now={now} />
      <div className="cols-2 try-row">
        <ContractSection version={data} />
        <TryIt
          key={data.versionId}
          modelName={data.modelName}
          versionName={data.versionName}
          contract={data.contract}
          signature={data.signature}
          goldenRequests={data.goldenRequests}
          mayTry={data.mayTry}
          quarantined={data.state === "quarantined"}
        />
      </div>
      <ProfileSection version={data} now={now} />
      <MetricsSection version={data} />
      <LineageSection version={data} />
      <Section
        id="card"
        title="Model card"
        caption={data.card === null ? null : "as sent with the version, or as last published"}
        end={
          <ButtonLink small href={`/models/${encodeURIComponent(data.modelName)}/versions/${encodeURIComponent(data.versionName)}/card`}>
            Open the card
          </ButtonLink>
        }
      >
        {data.card === null ? (
          <p className="small">
            No model card was sent. Send one as <code>card</code> with the next version; production
            asks for it.
          </p>
        ) : (
          <ModelCard markdown={data.card} />
        )}
      </Section>
      <DependenciesSection version={data} />
      <Section
        id="findings"
        title="Findings"
        caption={`${formatCount(data.findings.length, "check")} when the file was read; it was not run for them`}
      >
        <FindingsTable findings={data.findings} />
        <p className="small table-foot">
          <Link href={scanPath(data.modelName, data.versionName)} prefetch={false}>
            Scan report
          </Link>
          {data.scan === null
            ? ": not read with the rules of today yet."
            : `: ${scanWords[data.scan.verdict]}, last read with ${data.scan.scannerVersion}.`}
        </p>
      </Section>
      {data.format === "onnx" ? (
        <GraphSection modelName={data.modelName} versionName={data.versionName} />
      ) : null}
      <OutsideSection version={data} now={now} />
      <PortabilitySection version={data} />
      <Section
        id="evidence"
        title="Evidence"
        caption={`${formatCount(data.evidence.length, "fact")} about this digest`}
        end={
          <ButtonLink small href={`/models/${encodeURIComponent(data.modelName)}/versions/${encodeURIComponent(data.versionName)}/assurance`}>
            Checklist and obligations
          </ButtonLink>
        }
      >
        <EvidenceTable evidence={data.evidence} now={now} />
      </Section>
      <Section
        id="releases"
        title="Releases"
        caption={formatCount(data.releases.length, "release")}
      >
        <ReleasesTable releases={data.releases} now={now} />
      </Section>
      <Section
        id="files"
        title="Files"
        caption={`${formatCount(data.files.length, "file")}, ${formatBytes(data.sizeBytes)}`}
      >
        <FilesTable version={data} />
        <p className="small table-foot">
          {data.signatures.length === 0
            ? "Nobody has signed this digest."
            : data.signatures
                .map(
                  ({ keyId, valid }) =>
                    `Signed by the Ed25519 key ${keyId.slice(0, 16)}${valid ? ", which verifies" : ", which does not verify"}.`,
                )
                .join(" ")}
        </p>
      </Section>
    </>
  );
}

const scanWords = {
  passed: "nothing asks for a look",
  review: "needs a review",
  blocked: "blocked",
} as const;

function VersionHead({ version, now }: { version: VersionView; now: string }) {
  const place = strongestPlace(version.places);
  const status = place === null ? profileStatus(version.profile.state) : placeStatus(place);
  return (
    <div className="page-head">
      <div>
        <h1>
          {version.modelName} {version.versionName}{" "}
          <Status shape={status.shape} tint big>
            {status.word}
          </Status>
          {version.demo ? <Tag>Demo</Tag> : null}
        </h1>
        <p className="sub">
          {version.intendedUse} {spoken(version.riskTier)} risk. Owner {version.ownerName}.
          Registered <Instant at={version.createdAt} now={now} seconds={false} /> by{" "}
          {version.authorName}; sealed: a changed byte is another version.
        </p>
      </div>
      <div className="actionbar-wrap">
        <div className="actionbar">
          {version.next.href === null || version.next.act === null ? null : (
            <ButtonLink href={version.next.href} variant="primary">
              {version.next.act}
            </ButtonLink>
          )}
          {version.mayRegister.open ? (
            <ButtonLink href={`/models/new?model=${encodeURIComponent(version.modelName)}`}>
              New version
            </ButtonLink>
          ) : null}
          {version.parentName === null ? null : (
            <ButtonLink href={comparePath(version.modelName, version.parentName, version.versionName)}>
              Compare with {version.parentName}
            </ButtonLink>
          )}
        </div>
      </div>
      <div className="page-say">
        <p className="verdict">{version.say}</p>
        <p className="actionbar-note">
          <b>Next step:</b> {version.next.text}{" "}
          {version.next.href === null || version.next.act === null ? null : (
            <Link href={version.next.href} prefetch={false}>
              {version.next.act}
            </Link>
          )}
        </p>
      </div>
    </div>
  );
}

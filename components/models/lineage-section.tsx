"use client";

import Link from "next/link";
import type { ReactNode } from "react";
import { versionPath } from "#lib/client/registry-words.ts";
import { releaseStatus } from "#lib/client/release-status.ts";
import type { VersionView } from "#lib/contracts/views/version-view.ts";
import { Digest } from "../ui/digest.tsx";
import { Section } from "../ui/section.tsx";

const SHOWN = 3;

/** Where the version comes from and where it went: data, code and run, its parent, its releases and children. */
export function LineageSection({ version }: { version: VersionView }) {
  const { lineage } = version;
  const sources = [
    lineage.dataset === null
      ? null
      : { kind: "Data", text: lineage.dataset, digest: lineage.datasetSha256 },
    lineage.commit === null
      ? null
      : { kind: "Code", text: `commit ${lineage.commit}`, digest: null },
    lineage.run === null ? null : { kind: "Run", text: lineage.run, digest: null },
  ].filter((source) => source !== null);
  return (
    <Section
      id="lineage"
      title="Lineage"
      caption={
        sources.length === 0
          ? "no data set, code or run was stated"
          : "as stated when it was registered"
      }
    >
      <div className="lineage">
        <ul className="lineage-col" aria-label="Made from">
          {sources.map((source) => (
            <Box key={source.kind} kind={source.kind}>
              {source.text}
              {source.digest === null ? null : <Digest value={`sha256:${source.digest}`} />}
            </Box>
          ))}
          {version.parentName === null ? null : (
            <Box kind="Parent">
              <Link href={versionPath(version.modelName, version.parentName)} prefetch={false}>
                {version.modelName} {version.parentName}
              </Link>
            </Box>
          )}
          {sources.length === 0 && version.parentName === null ? (
            <Box kind="Made from">not stated</Box>
          ) : null}
        </ul>
        <ul className="lineage-col" aria-label="This version">
          <Box kind="Version" isNow>
            {version.modelName} {version.versionName}
            <Digest value={version.digest} />
          </Box>
        </ul>
        <ul className="lineage-col" aria-label="Became of it">
          {version.releases.slice(0, SHOWN).map((release) => (
            <Box key={release.number} kind="Release">
              <Link href={`/releases/${String(release.number)}`} prefetch={false}>
                {release.number}, {releaseStatus(release.state).word.toLowerCase()}
              </Link>
              <span className="caption">
                {release.endpointName}, {release.environmentName}
              </span>
            </Box>
          ))}
          {version.childNames.slice(0, SHOWN).map((name) => (
            <Box key={name} kind="Next version">
              <Link href={versionPath(version.modelName, name)} prefetch={false}>
                {version.modelName} {name}
              </Link>
            </Box>
          ))}
          {version.releases.length === 0 && version.childNames.length === 0 ? (
            <Box kind="Became of it">nothing yet</Box>
          ) : null}
        </ul>
      </div>
    </Section>
  );
}

function Box({
  kind,
  isNow = false,
  children,
}: {
  kind: string;
  isNow?: boolean;
  children: ReactNode;
}) {
  return (
    <li className={isNow ? "lineage-box is-now" : "lineage-box"}>
      <span className="stencil">{kind}</span>
      {children}
    </li>
  );
}

"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useRef } from "react";
import { formatBytes, formatNumber } from "#lib/client/format-number.ts";
import { modelQuery } from "#lib/client/registry-queries.ts";
import {
  comparePath,
  placeStatus,
  spoken,
  strongestPlace,
  versionPath,
  versionStatus,
} from "#lib/client/registry-words.ts";
import type { ModelView } from "#lib/contracts/views/model-view.ts";
import { Instant } from "../shell/instant.tsx";
import { StaleBanner } from "../shell/live-tick.tsx";
import { Strip } from "../shell/strip.tsx";
import { useListKeys } from "../shell/use-list-keys.ts";
import { useServerNow } from "../shell/use-server-now.ts";
import { ButtonLink, Button } from "../ui/button.tsx";
import { Digest } from "../ui/digest.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Facts } from "../ui/facts.tsx";
import { KeyHints } from "../ui/keys.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { Tag } from "../ui/tag.tsx";
import { PlacesTable } from "./places-table.tsx";
import { ReleasesTable } from "./releases-table.tsx";

/** One model: what it is for, where it is live, its versions, its releases. */
export function ModelPage({ initial }: { initial: ModelView }) {
  const { data } = useQuery({ ...modelQuery(initial.name), initialData: initial });
  const now = useServerNow(data.asOf);
  const [newest, before] = data.versions;
  const list = useRef<HTMLDivElement>(null);
  useListKeys(list);
  return (
    <div ref={list}>
      <Strip
        crumbs={[{ href: "/models", label: "Models" }, { label: data.name }]}
        asOf={data.asOf}
      />
      <StaleBanner asOf={data.asOf} />
      <div className="page-head">
        <div>
          <h1>
            {data.name} {data.demo ? <Tag>Demo</Tag> : null}
          </h1>
          <p className="sub">{data.intendedUse}</p>
        </div>
        <Acts view={data} />
      </div>
      <section className="section section-first" aria-labelledby="endpoints">
        <div className="section-head">
          <h2 id="endpoints">Where it is live</h2>
        </div>
        {data.places.length === 0 ? (
          <p className="small">
            No version answers requests.{" "}
            {data.versions.length > 0 ? (
              <Link href={`/endpoints/new?model=${encodeURIComponent(data.name)}`}>
                Make an endpoint
              </Link>
            ) : null}
          </p>
        ) : (
          <PlacesTable places={data.places} modelName={data.name} now={now} withVersion />
        )}
      </section>
      <Section
        id="versions"
        title="Versions"
        caption={
          data.versionsTotal > data.versions.length
            ? `the newest ${formatNumber(data.versions.length)} of ${formatNumber(data.versionsTotal)}`
            : `${formatNumber(data.versionsTotal)}, newest first; sealed: a changed byte is another version`
        }
        end={
          newest === undefined || before === undefined ? undefined : (
            <ButtonLink href={comparePath(data.name, before.name, newest.name)} small>
              Compare versions
            </ButtonLink>
          )
        }
      >
        {data.versions.length === 0 ? (
          <EmptyState
            title="No version yet"
            action={
              data.mayRegister.open ? (
                <ButtonLink
                  href={`/models/new?model=${encodeURIComponent(data.name)}`}
                  variant="primary"
                >
                  Register its first version
                </ButtonLink>
              ) : undefined
            }
            command={`npm run slipway -- register model.onnx --model ${data.name} --version 1.0.0`}
          >
            A version is a model file with its input contract, sealed by digest. You will see each
            one here with where it is live.
          </EmptyState>
        ) : (
          <VersionTable view={data} now={now} />
        )}
      </Section>
      <Section
        id="releases"
        title="Releases"
        caption={`the newest ${formatNumber(data.releases.length)}`}
      >
        <ReleasesTable releases={data.releases} now={now} />
      </Section>
      <Section id="facts" title="Facts">
        <Facts
          facts={[
            { label: "Intended use", value: data.intendedUse },
            { label: "Risk tier", value: spoken(data.riskTier) },
            { label: "Owner", value: data.ownerName },
            { label: "Sector", value: data.sector === null ? "not stated" : spoken(data.sector) },
            {
              label: "Jurisdictions",
              value: data.jurisdictions.length === 0 ? "not stated" : data.jurisdictions.join(", "),
            },
            {
              label: "Registered",
              value: (
                <>
                  <Instant at={data.createdAt} now={now} seconds={false} /> by {data.createdBy}
                </>
              ),
            },
          ]}
        />
      </Section>
      <KeyHints
        hints={[
          { keys: ["j", "k"], does: "move" },
          { keys: ["o"], does: "open" },
          { keys: ["?"], does: "all keys" },
        ]}
      />
    </div>
  );
}

function Acts({ view }: { view: ModelView }) {
  const { mayRegister } = view;
  return (
    <div className="actionbar-wrap">
      <div className="actionbar">
        {mayRegister.open ? (
          <ButtonLink href={`/models/new?model=${encodeURIComponent(view.name)}`} variant="primary">
            Register a version
          </ButtonLink>
        ) : (
          <Button variant="primary" closed aria-describedby="why-no-register">
            Register a version
          </Button>
        )}
        {view.mayRelease.open ? <ButtonLink href="/releases/new">New release</ButtonLink> : null}
      </div>
      {mayRegister.open ? null : (
        <p className="caption closed-note" id="why-no-register">
          {mayRegister.closedBecause}
        </p>
      )}
    </div>
  );
}

function VersionTable({ view, now }: { view: ModelView; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col">State</th>
            <th scope="col">Live</th>
            <th scope="col">What changed</th>
            <th scope="col" className="n">
              Size
            </th>
            <th scope="col">Digest</th>
            <th scope="col">Registered</th>
            <th scope="col">By</th>
          </tr>
        </thead>
        <tbody>
          {view.versions.map((version) => {
            const status = versionStatus(version.state);
            const place = strongestPlace(version.places);
            return (
              <tr key={version.versionId} data-list-item>
                <th scope="row" className="first-th">
                  <Link
                    className="list-link"
                    href={versionPath(view.name, version.name)}
                    data-list-link
                    prefetch={false}
                  >
                    {version.name}
                  </Link>
                </th>
                <td className="v-cell">
                  <Status shape={status.shape}>{status.word}</Status>
                </td>
                <td data-label="Live" className="nowrap">
                  {place === null ? (
                    <span className="muted">nowhere</span>
                  ) : (
                    <Status shape={placeStatus(place).shape}>
                      {placeStatus(place).word}, {place.endpointName}
                      {version.places.length > 1
                        ? ` and ${String(version.places.length - 1)} more`
                        : ""}
                    </Status>
                  )}
                </td>
                <td className="wide why-cell">{version.notes ?? ""}</td>
                <td className="n" data-label="Size">
                  {formatBytes(version.sizeBytes)}
                </td>
                <td data-label="Digest">
                  <Digest value={version.digest} />
                </td>
                <td className="nowrap" data-label="Registered">
                  <Instant at={version.createdAt} now={now} seconds={false} />
                </td>
                <td data-label="By" className="nowrap">
                  {version.authorName}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className="caption table-foot">Each digest covers all files of its version.</p>
    </div>
  );
}

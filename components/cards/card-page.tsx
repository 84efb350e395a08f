"use client";

import Link from "next/link";
import type { CardView } from "#lib/contracts/card-api.ts";
import { FACT_GROUPS } from "#lib/domain/card/facts.ts";
import { Instant } from "../shell/instant.tsx";
import { RecordForm } from "../shell/record-form.tsx";
import { Strip } from "../shell/strip.tsx";
import { Button, ButtonLink } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { Digest } from "../ui/digest.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { CardSections } from "./card-sections.tsx";
import { FactTable } from "./fact-table.tsx";
import { CardSignatures } from "./card-signatures.tsx";

const stateWords = { draft: { shape: "draft", word: "Draft" }, published: { shape: "passed", word: "Published" }, replaced: { shape: "retired", word: "Replaced" } } as const;

export const cardPath = (view: Pick<CardView, "model" | "version">): string =>
  `/models/${encodeURIComponent(view.model)}/versions/${encodeURIComponent(view.version)}/card`;
const apiPath = (view: Pick<CardView, "model" | "version">): string => `/api/v1${cardPath(view)}`;

/** The card of a version: what people wrote, what the records say, who signed it. Printable as it is. */
export function CardPage({ view }: { view: CardView }) {
  const { revision } = view;
  const state = revision?.state ?? "draft";
  return (
    <>
      <Strip
        crumbs={[
          { href: "/models", label: "Models" },
          { href: `/models/${view.model}`, label: view.model },
          { href: `/models/${view.model}/versions/${view.version}`, label: view.version },
          { label: "Model card" },
        ]}
        asOf={view.asOf}
      />
      <div className="page-head">
        <div>
          <h1>
            Model card of {view.model} {view.version} <Status shape={stateWords[state].shape}>{revision === null ? "Not begun" : stateWords[state].word}</Status>
          </h1>
          <p className="sub">{view.intendedUse}</p>
        </div>
        <ExportLinks view={view} />
      </div>
      <p className="verdict">
        <Standing view={view} />
      </p>
      <p className="caption">
        Artifact <Digest value={view.versionDigest} characters={12} />, card <Digest value={view.digest} characters={12} />
        {revision === null ? "" : `, revision ${String(revision.number)} of ${String(view.revisions.length)}`}
      </p>
      <Contradictions view={view} />
      <CardSections view={view} path={apiPath(view)} />
      {view.groups.map((group) => (
        <Section
          key={group.name}
          id={`facts-${group.name}`}
          title={FACT_GROUPS[group.name]}
          caption={group.isLive ? "as it is now; not part of what is signed" : "from the records, read-only"}
        >
          <FactTable group={group} view={view} />
        </Section>
      ))}
      <CardSignatures view={view} path={apiPath(view)} />
      <CompareSection view={view} />
      <ImportSection view={view} />
      <Section id="same" title="The same from the command line">
        <CodeBlock
          title="Write it to a file, take one in"
          code={`slipway card export ${view.model} ${view.version} --format cyclonedx --file card.cdx.json\nslipway card import ${view.model} ${view.version} --format markdown --file card.md`}
        />
      </Section>
    </>
  );
}

function Standing({ view }: { view: CardView }) {
  const { completeness, revision } = view;
  if (revision?.state === "published") {
    return (
      <>
        Published <Instant at={revision.publishedAt ?? view.asOf} now={view.asOf} seconds={false} /> by {revision.publishedBy}: {completeness.written} of{" "}
        {completeness.required} required sections, every figure equal to its record.
      </>
    );
  }
  if (revision?.state === "replaced") return <>A later revision has replaced this one.</>;
  return (
    <>
      <b>
        {completeness.written} of {completeness.required}
      </b>{" "}
      required sections are written.{" "}
      {view.publishingRefusals.length === 0
        ? "Nothing stops it from being published."
        : `${String(view.publishingRefusals.length)} ${view.publishingRefusals.length === 1 ? "thing stops" : "things stop"} it from being published.`}
    </>
  );
}

const exportWords = { markdown: "Markdown", "model-card-toolkit": "Toolkit JSON", cyclonedx: "CycloneDX ML-BOM", html: "HTML", pdf: "PDF" } as const;

function ExportLinks({ view }: { view: CardView }) {
  const revision = view.revision === null ? "" : `&revision=${String(view.revision.number)}`;
  return (
    <div className="actionbar-wrap">
      <div className="chips">
        {Object.entries(exportWords).map(([format, word]) => (
          <a key={format} className="btn btn-small" href={`${apiPath(view)}/export?format=${format}${revision}`} download>
            {word}
          </a>
        ))}
        <Button
          small
          onClick={() => {
            window.print();
          }}
        >
          Print
        </Button>
      </div>
    </div>
  );
}

function Contradictions({ view }: { view: CardView }) {
  if (view.contradictions.length === 0) return null;
  return (
    <div className="banner" data-status="failed" role="alert">
      <div>
        <p>
          <b>Figures that differ from their records.</b> The card cannot be published with them.
        </p>
        <ul>
          {view.contradictions.map(({ section, metric, written, evidence }) => (
            <li key={`${section ?? "import"} ${metric} ${written}`}>
              {metric} is written as <b>{written}</b>
              {section === null ? " in the imported card" : ""}; the record says <b>{String(evidence)}</b>.{" "}
              {section === null ? null : <a href={`#section-${section}`}>Go there</a>}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function CompareSection({ view }: { view: CardView }) {
  const base = cardPath(view);
  if (view.revisions.length < 2 && view.comparable.length === 0) return null;
  return (
    <Section id="compare" title="Revisions and comparison" caption={view.comparedWith === null ? "compared with nothing" : `compared with ${view.comparedWith.version}, revision ${String(view.comparedWith.revision)}`}>
      <div className="chips">
        {view.revisions.map(({ number, state }) => (
          <ButtonLink key={number} small href={`${base}?revision=${String(number)}`}>
            Revision {number}, {state}
          </ButtonLink>
        ))}
        {view.comparable.map(({ version, revision }) => (
          <Link key={`${version} ${String(revision)}`} className="btn btn-small" prefetch={false} href={`${base}?against=${encodeURIComponent(`${version}/${String(revision)}`)}`}>
            Compare with {version}, revision {revision}
          </Link>
        ))}
      </div>
    </Section>
  );
}

function ImportSection({ view }: { view: CardView }) {
  if (!view.may.edit) return null;
  return (
    <Section id="import" title="Take in a card from elsewhere">
      <details className="field-more">
        <summary>Paste Markdown, Model Card Toolkit JSON or CycloneDX</summary>
        <p className="small">Written sections are taken over; figures are compared with the records, never copied.</p>
        <RecordForm
          id="import-card"
          path={`${apiPath(view)}/import`}
          button="Take it in"
          busy="Reading"
          variant="plain"
          fields={[
            {
              name: "format",
              label: "Format",
              kind: "select",
              initial: "markdown",
              options: [
                { value: "markdown", label: "Markdown, with or without front matter" },
                { value: "model-card-toolkit", label: "Model Card Toolkit JSON" },
                { value: "cyclonedx", label: "CycloneDX ML-BOM" },
              ],
            },
            { name: "text", label: "The card", kind: "area", rows: 8 },
          ]}
        />
      </details>
    </Section>
  );
}

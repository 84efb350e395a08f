"use client";

import type { CardView, DiffPartView } from "#lib/contracts/card-api.ts";
import { Instant } from "../shell/instant.tsx";
import { RecordForm } from "../shell/record-form.tsx";
import { Section } from "../ui/section.tsx";
import { Tag } from "../ui/tag.tsx";

/** The written part: each section with its author, and what changed in it word by word. */
export function CardSections({ view, path }: { view: CardView; path: string }) {
  const isOpen = view.may.edit && (view.revision === null || view.revision.state === "draft" || view.revision.number === view.revisions[0]?.number);
  return view.sections
    .filter(({ written, isRequired }) => written !== null || isRequired || isOpen)
    .map((section) => (
      <Section
        key={section.name}
        id={`section-${section.name}`}
        title={section.title}
        caption={
          section.written === null ? (
            section.isRequired ? "required, not written" : "not written"
          ) : (
            <>
              {section.written.origin === "imported" ? "imported by" : "written by"} {section.written.by},{" "}
              <Instant at={section.written.at} now={view.asOf} seconds={false} />
            </>
          )
        }
        end={section.isRequired && section.written === null ? <Tag>Missing</Tag> : undefined}
      >
        {section.written === null ? <p className="small">{section.asks}</p> : <Paragraphs text={section.written.text} />}
        {section.diff === null ? null : <Changes parts={section.diff} view={view} />}
        {isOpen ? (
          <details className="field-more">
            <summary>{section.written === null ? "Write it" : "Change it"}</summary>
            <RecordForm
              key={section.written?.text ?? ""}
              id={`write-${section.name}`}
              path={`${path}/sections`}
              button="Save this section"
              busy="Saving"
              variant="plain"
              more={{ section: section.name }}
              fields={[{ name: "text", label: section.title, kind: "area", rows: 6, hint: `${section.asks} Signatures on this draft become void.`, initial: section.written?.text ?? "" }]}
            />
          </details>
        ) : null}
      </Section>
    ));
}

function Paragraphs({ text }: { text: string }) {
  return text.split(/\n{2,}/).map((block) => {
    const lines = block.split("\n");
    return lines.every((line) => /^[-*] /.test(line)) ? (
      <ul key={block}>
        {lines.map((line) => (
          <li key={line}>{line.slice(2)}</li>
        ))}
      </ul>
    ) : (
      <p key={block} className="card-text">
        {block}
      </p>
    );
  });
}

function Changes({ parts, view }: { parts: readonly DiffPartView[]; view: CardView }) {
  const words = (kind: DiffPartView["kind"]) => parts.filter((part) => part.kind === kind).reduce((sum, { text }) => sum + (text.trim() === "" ? 0 : text.trim().split(/\s+/).length), 0);
  return (
    <details className="field-more" open={view.revision?.state === "draft"}>
      <summary>
        {words("added")} words added, {words("removed")} removed since {view.comparedWith?.version}, revision {view.comparedWith?.revision}
      </summary>
      <p className="card-text word-diff">
        {parts.map((part, index) => {
          const key = `${String(index)} ${part.kind}`;
          if (part.kind === "added") return <ins key={key}>{part.text}</ins>;
          if (part.kind === "removed") return <del key={key}>{part.text}</del>;
          return <span key={key}>{part.text}</span>;
        })}
      </p>
    </details>
  );
}

import type { ControlLine, EvidencePiece, FrameworkCounts, GapLine } from "#lib/contracts/views/assurance-view.ts";
import { confidenceWords, forceBand, forceWords, FRAMEWORK_INFO, frameworkInfo, type ForceBand } from "#lib/domain/governance/catalogue/catalogues.ts";
import type { Control } from "#lib/domain/governance/catalogue/types.ts";
import { getKind } from "#lib/domain/governance/evidence/kinds.ts";
import type { Standing } from "#lib/domain/governance/evidence/standing.ts";
import { countControls, gapsOf, type DerivedControl } from "#lib/domain/governance/frameworks/derive-control.ts";

const iso = (ms: number | null | undefined): string | null => (ms === null || ms === undefined ? null : new Date(ms).toISOString());

export const piece = ({ kind, state, note, fact, untilMs }: Standing): EvidencePiece => ({
  kind,
  label: getKind(kind).label,
  state,
  note,
  evidenceId: fact?.id ?? null,
  producer: fact?.producer ?? null,
  producedAt: iso(fact?.producedAtMs),
  countsUntil: iso(untilMs),
});

export const controlText = (control: Control) => ({
  id: control.id,
  framework: frameworkInfo(control.framework).name,
  citation: control.citation,
  title: control.title,
  obligation: control.obligation,
  force: forceWords(control),
  confidence: confidenceWords(control),
  note: control.note,
});

export const controlLine = ({ control, state, note, standings }: DerivedControl): ControlLine => ({
  ...controlText(control),
  state,
  because: note,
  evidence: standings.map(piece),
});

const BANDS: readonly ForceBand[] = ["law", "guidance", "voluntary"];

/** Counts by framework and force; a framework with duties of more than one force has a line for each. Law first. */
export function frameworkCounts(derived: readonly DerivedControl[]): FrameworkCounts[] {
  return BANDS.flatMap((band) =>
    FRAMEWORK_INFO.flatMap(({ id, slug, name, standing }) => {
      const own = derived.filter(({ control }) => control.framework === id && forceBand(control) === band);
      return own.length === 0 ? [] : [{ slug, name, standing, band, counts: countControls(own) }];
    }),
  );
}

/** What holds controls open, worst first. */
export function gapLines(derived: readonly DerivedControl[]): GapLine[] {
  return gapsOf(derived).map(({ standing: found, controls }) => {
    const kind = getKind(found.kind);
    return {
      kind: found.kind,
      label: kind.label,
      state: found.state,
      note: found.note,
      countsUntil: iso(found.untilMs),
      citations: controls.map(({ control }) => `${frameworkInfo(control.framework).name} ${control.citation}`),
      law: controls.filter(({ control }) => forceBand(control) === "law").length,
      by: kind.by,
      subject: kind.subject,
    };
  });
}

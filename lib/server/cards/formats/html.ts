import { FACT_GROUPS } from "#lib/domain/card/facts.ts";
import { CARD_SECTIONS, SECTION_NAMES } from "#lib/domain/card/sections.ts";
import { sectionText, type CardDocument } from "../card-document.ts";

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const STYLE = `body{font:15px/1.45 system-ui,sans-serif;color:#11201b;max-width:48rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.05rem;border-top:1px solid #c7d0cc;padding-top:.75rem;margin-top:1.5rem}
table{border-collapse:collapse;width:100%;font-size:.82rem}th,td{text-align:left;vertical-align:top;padding:.3rem .5rem .3rem 0;border-bottom:1px solid #c7d0cc;overflow-wrap:anywhere}
th{font-weight:500;width:14rem}small{color:#586660}p{white-space:pre-line}@media print{body{margin:0;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}`;

/** One file without script or link that prints as it is. */
export function cardToHtml(card: CardDocument): string {
  const sections = SECTION_NAMES.flatMap((name) => {
    const written = card.sections[name];
    const text = sectionText(card.sections, name);
    return written === undefined || text === "" ? [] : [`<h2>${escape(CARD_SECTIONS[name].title)}</h2><p>${escape(text)}</p><small>Written by ${escape(written.by)}, ${escape(written.at.slice(0, 10))}</small>`];
  });
  const facts = card.groups.map(({ name, isLive, facts: rows }) => {
    const lines = rows.map(({ label, value, source, evidenceId }) => `<tr><th scope="row">${escape(label)}</th><td>${escape(value)}<br><small>${escape(source)}${evidenceId === null ? "" : `, evidence ${escape(evidenceId)}`}</small></td></tr>`);
    return `<h2>${escape(FACT_GROUPS[name])}</h2>${isLive ? "<p><small>As it was when this file was made; not part of what was signed.</small></p>" : ""}<table>${lines.join("")}</table>`;
  });
  const signatures = card.signatures.map(({ signedName, meaning, reason, signedAt, digest }) => `<li><b>${escape(signedName)}</b>, ${escape(signedAt)}: ${escape(meaning.replaceAll("_", " "))}. ${escape(reason)}<br><small>${escape(digest)}</small></li>`);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(card.model)} ${escape(card.version)}, model card</title><style>${STYLE}</style></head><body>
<h1>${escape(card.model)} ${escape(card.version)}</h1><p>Model card, revision ${String(card.revision)}, ${card.state}${card.publishedAt === null ? "" : ` ${escape(card.publishedAt)}`}.<br><small>Artifact ${escape(card.digest)}. Made ${escape(card.madeAt)} by ${escape(card.generator)}.</small></p>
${sections.join("\n")}
${facts.join("\n")}
<h2>Signatures</h2>${signatures.length === 0 ? "<p>None.</p>" : `<ul>${signatures.join("")}</ul>`}
</body></html>
`;
}

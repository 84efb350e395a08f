import PDFDocument from "pdfkit";
import { FACT_GROUPS } from "#lib/domain/card/facts.ts";
import { CARD_SECTIONS, SECTION_NAMES } from "#lib/domain/card/sections.ts";
import { printableText } from "../../documents/printable-text.ts";
import { sectionText, type CardDocument } from "../card-document.ts";

type Pdf = InstanceType<typeof PDFDocument>;

const heading = (pdf: Pdf, text: string): void => {
  if (pdf.y > pdf.page.height - 140) pdf.addPage();
  pdf.moveDown(0.8).font("Helvetica-Bold").fontSize(12).text(printableText(text)).moveDown(0.2);
};
const paragraph = (pdf: Pdf, text: string): void => {
  pdf.font("Helvetica").fontSize(9.5).text(printableText(text), { lineGap: 1.5 });
};
const small = (pdf: Pdf, text: string): void => {
  pdf.font("Helvetica").fontSize(7.5).fillColor("#586660").text(printableText(text)).fillColor("#11201b");
};

function write(pdf: Pdf, card: CardDocument): void {
  pdf.fillColor("#11201b").font("Helvetica-Bold").fontSize(18).text(printableText(`${card.model} ${card.version}`));
  small(pdf, `Model card, revision ${String(card.revision)}, ${card.state}${card.publishedAt === null ? "" : ` ${card.publishedAt}`}. Artifact ${card.digest}. Made ${card.madeAt} by ${card.generator}.`);
  for (const name of SECTION_NAMES) {
    const written = card.sections[name];
    const text = sectionText(card.sections, name);
    if (written === undefined || text === "") continue;
    heading(pdf, CARD_SECTIONS[name].title);
    paragraph(pdf, text);
    small(pdf, `Written by ${written.by}, ${written.at.slice(0, 10)}`);
  }
  for (const { name, isLive, facts } of card.groups) {
    heading(pdf, FACT_GROUPS[name]);
    if (isLive) small(pdf, "As it was when this file was made; not part of what was signed.");
    for (const { label, value, source, evidenceId } of facts) {
      paragraph(pdf, `${label}: ${value}`);
      small(pdf, `${source}${evidenceId === null ? "" : `, evidence ${evidenceId}`}`);
    }
  }
  heading(pdf, "Signatures");
  if (card.signatures.length === 0) paragraph(pdf, "None.");
  for (const { signedName, meaning, reason, signedAt, digest } of card.signatures) {
    paragraph(pdf, `${signedName}, ${signedAt}: ${meaning.replaceAll("_", " ")}. ${reason}`);
    small(pdf, digest);
  }
}

/** The card on A4, with what signatures say printed in it. */
export async function cardToPdf(card: CardDocument): Promise<Buffer> {
  const pdf = new PDFDocument({ size: "A4", margin: 56, info: { Title: `${card.model} ${card.version}, model card`, Creator: card.generator, CreationDate: new Date(card.madeAt) } });
  const chunks: Buffer[] = [];
  const done = new Promise<Buffer>((resolve, reject) => {
    pdf.on("data", (chunk: Buffer) => chunks.push(chunk));
    pdf.on("end", () => resolve(Buffer.concat(chunks)));
    pdf.on("error", reject);
  });
  write(pdf, card);
  pdf.end();
  return done;
}

import type { AuditConsistencyView, AuditFilterQuery, AuditListView, AuditProofView, AuditVerifyView, AuditWitnessesView } from "#lib/contracts/audit-api.ts";
import type { z } from "zod";
import type { auditListQuery, auditExportFormats } from "#lib/contracts/audit-api.ts";
import { toHex } from "#lib/domain/audit/bytes.ts";
import { consistencySpans } from "#lib/domain/audit/merkle.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { authorise } from "../access.ts";
import type { Actor, AuditDraft } from "../ports.ts";
import { SLIPWAY_VERSION } from "../slipway-version.ts";
import type { Store } from "../store.ts";
import type { AuditStore } from "./audit-store.ts";
import type { AuditTrail } from "./audit-trail.ts";
import { resolveAuditFilter } from "./resolve-audit-filter.ts";
import { checkpointOf, eventView } from "./event-view.ts";
import { auditPdf } from "./export-pdf.ts";
import { csvLines, jsonLines } from "./export-rows.ts";
import { hashSpans } from "./prove-audit-event.ts";
import { isDisagreement, type WitnessDesk } from "./witness/witness-desk.ts";
import { WITNESS_STATES } from "#lib/contracts/audit-api.ts";

type Parts = { readonly store: Store; readonly auditStore: AuditStore; readonly witnessDesk: WitnessDesk; trail(): Promise<AuditTrail> };

const CHECKPOINTS_SHOWN = 20;
const DELIVERIES_SHOWN = 100;

/** What the compliance desk does with the trail: read, prove, verify, export. Each checks the right itself. */
export function createAuditDesk({ store, auditStore, witnessDesk, trail }: Parts) {
  /** Reading is no change, but who exported or verified what is part of the record. */
  const note = (actor: Actor, draft: AuditDraft): Promise<unknown> =>
    store.write(({ appendAudit }) => appendAudit({ drafts: [draft], actor, context: actor.context, forceCheckpoint: false }));

  async function standingOfWitnesses(): Promise<AuditListView["trail"]["witnesses"]> {
    const names = witnessDesk.witnesses.map(({ name }) => name);
    const standings = names.length === 0 ? [] : (await store.read((db) => db.witnessing.witnessStandings())).filter(({ name }) => names.includes(name));
    const delivered = standings.flatMap(({ deliveredAt }) => (deliveredAt === null ? [] : [deliveredAt.toISOString()])).sort();
    return { count: names.length, failing: standings.filter(({ failures }) => failures > 0).length, disagreeing: standings.filter(isDisagreement).length, deliveredAt: delivered.at(-1) ?? null };
  }

  return {
    async list(actor: Actor, query: z.output<typeof auditListQuery>): Promise<AuditListView> {
      authorise(actor, "audit:read", null);
      const { before, limit, ...rest } = query;
      const { filter, statement } = await resolveAuditFilter(store, rest);
      const opened = await trail();
      const head = await auditStore.head();
      const rows = await auditStore.select(filter, { cursor: before ?? null, order: "descending", limit: limit + 1 });
      const summary = await auditStore.summarise(filter, head.size);
      const latest = await auditStore.latestCheckpoint();
      const [first] = await auditStore.leaves(0, 1);
      const shown = rows.slice(0, limit);
      return {
        events: shown.map(eventView),
        total: summary.count,
        firstSeq: summary.firstSeq,
        lastSeq: summary.lastSeq,
        next: rows.length > limit ? (shown.at(-1)?.seq ?? null) : null,
        statement,
        trail: {
          size: head.size,
          origin: opened.origin,
          vkey: opened.vkey,
          checkpoint: latest ? checkpointOf(latest) : null,
          since: first ? eventView(first).occurredAt : null,
          witnesses: await standingOfWitnesses(),
        },
      };
    },

    async checkpoints(actor: Actor) {
      authorise(actor, "audit:read", null);
      const { origin, vkey } = await trail();
      const newest = await auditStore.checkpoints(null, CHECKPOINTS_SHOWN);
      return { origin, vkey, checkpoints: newest.map(checkpointOf) };
    },

    /** Places outside that keep checkpoints, and the newest attempts to hand them one. */
    async witnesses(actor: Actor): Promise<AuditWitnessesView> {
      authorise(actor, "audit:read", null);
      const latest = await auditStore.latestCheckpoint();
      const [standings, deliveries] = [await store.read((db) => db.witnessing.witnessStandings()), await store.read((db) => db.witnessing.witnessDeliveries(DELIVERIES_SHOWN))];
      return {
        asOf: (await auditStore.now()).toISOString(),
        signedSize: latest?.size ?? 0,
        witnesses: witnessDesk.witnesses.map(({ name, kind, place }) => {
          const found = standings.find((one) => one.name === name);
          const iso = (at: Date | null | undefined) => at?.toISOString() ?? null;
          return {
            name,
            kind,
            place,
            deliveredSize: found?.deliveredAt ? Number(found.deliveredSize) : null,
            deliveredAt: iso(found?.deliveredAt),
            failures: found?.failures ?? 0,
            lastProblem: found?.lastProblem ?? null,
            retryAt: iso(found?.retryAt),
            askedAt: iso(found?.askedAt),
            verdict: WITNESS_STATES.find((one) => one === found?.verdict) ?? null,
            heldSize: found?.heldSize === null || found?.heldSize === undefined ? null : Number(found.heldSize),
            message: found?.message ?? null,
          };
        }),
        deliveries: deliveries.map(({ size, at, ...rest }) => ({ ...rest, size: Number(size), at: at.toISOString() })),
      };
    },

    async prove(actor: Actor, seq: number): Promise<AuditProofView> {
      authorise(actor, "audit:read", null);
      const opened = await trail();
      let proof = await opened.prove(seq);
      if (proof === "unsigned") {
        await opened.signNow();
        proof = await opened.prove(seq);
      }
      if (proof === "missing" || proof === "unsigned") throw notFound();
      return {
        seq,
        leaf: Buffer.from(proof.entry.leaf).toString("utf8"),
        leafHash: toHex(proof.entry.leafHash),
        checkpoint: checkpointOf(proof.checkpoint),
        steps: proof.steps.map(({ start, end, hash }) => ({ from: start, to: end - 1, hash: toHex(hash) })),
        text: proof.text,
      };
    },

    async verify(actor: Actor): Promise<AuditVerifyView> {
      authorise(actor, "audit:read", null);
      const opened = await trail();
      await opened.signNow();
      const startedMs = performance.now();
      const report = await opened.verify();
      // The trail may be in order and yet not be the one that was signed: only who kept a checkpoint elsewhere can tell.
      const witnesses = await witnessDesk.askAll();
      const disagreeing = witnesses.filter(isDisagreement);
      const tookMs = Math.round(performance.now() - startedMs);
      const latest = await auditStore.latestCheckpoint();
      const intact = report.intact && disagreeing.length === 0;
      await note(actor, {
        action: "audit.verified",
        targets: [],
        after: { intact, entries: report.entriesChecked, message: report.message, witnesses: witnesses.map(({ name, verdict, heldSize }) => ({ name, verdict, heldSize })) },
      });
      return {
        intact,
        prunedTexts: report.prunedTexts,
        entries: report.entriesChecked,
        signedUpTo: latest === null || latest.size === 0 ? null : latest.size - 1,
        checkedAt: report.verifiedAt.toISOString(),
        tookMs,
        problems: [
          ...(report.intact ? [] : [{ seq: report.firstBadSeq, message: report.message }]),
          ...disagreeing.map(({ name, message }) => ({ seq: null, message: `The witness ${name} does not agree. ${message}` })),
        ],
        witnesses: [...witnesses],
      };
    },

    /** Proof that the newest checkpoint extends an earlier one: what a reader who kept that one can check. */
    async consistency(actor: Actor, from: number): Promise<AuditConsistencyView> {
      authorise(actor, "audit:read", null);
      await (await trail()).signNow();
      const earlier = await auditStore.checkpointAtMost(from);
      const latest = await auditStore.latestCheckpoint();
      if (earlier === null || latest === null || earlier.size !== from || from === 0) {
        throw new AppError("not_found", `No checkpoint was signed at ${String(from)} entries.`, { hint: "Take the size of one that you kept: its second line." });
      }
      const steps = from === latest.size ? [] : await hashSpans(auditStore, consistencySpans(from, latest.size));
      return {
        earlier: checkpointOf(earlier),
        checkpoint: checkpointOf(latest),
        steps: steps.map(({ start, end, hash }) => ({ from: start, to: end - 1, hash: toHex(hash) })),
      };
    },

    /** The filtered trail on paper. Recorded before it is made. */
    async exportPdf(actor: Actor, query: AuditFilterQuery): Promise<{ readonly fileName: string; readonly contentType: string; readonly bytes: Buffer }> {
      authorise(actor, "audit:export", null);
      const { filter, statement } = await resolveAuditFilter(store, query);
      const opened = await trail();
      await opened.signNow();
      const { size } = await auditStore.head();
      const latest = await auditStore.latestCheckpoint();
      await note(actor, { action: "audit.exported", targets: [], after: { format: "pdf", statement, entries: size } });
      const madeAt = new Date();
      const bytes = await auditPdf(auditStore, filter, { statement, generator: `slipway ${SLIPWAY_VERSION}`, madeAt, size, origin: opened.origin, note: latest?.note ?? null });
      return { fileName: `${madeAt.toISOString().slice(0, 19).replaceAll(":", "")}.slipway-audit.pdf`, contentType: "application/pdf", bytes };
    },

    /** The filtered trail as text, line by line. Recorded before it begins, so an export cannot go unnoticed. */
    async exportFile(
      actor: Actor,
      { format, ...query }: AuditFilterQuery & { readonly format: Exclude<(typeof auditExportFormats)[number], "pdf"> },
    ): Promise<{ readonly fileName: string; readonly contentType: string; readonly lines: AsyncGenerator<string> }> {
      authorise(actor, "audit:export", null);
      const { filter, statement } = await resolveAuditFilter(store, query);
      const opened = await trail();
      const { size } = await auditStore.head();
      await note(actor, { action: "audit.exported", targets: [], after: { format, statement, entries: size } });
      const generator = `slipway ${SLIPWAY_VERSION}`;
      const stamp = new Date().toISOString().slice(0, 19).replaceAll(":", "");
      if (format === "bundle") {
        const lines = await opened.exportBundle({ filter, statement, exportedAt: new Date(), generator });
        if (lines === null) throw new AppError("conflict", "The trail is empty: there is nothing to export.");
        return { fileName: `${stamp}.slipway-audit.jsonl`, contentType: "application/jsonl", lines };
      }
      const rows = format === "csv" ? csvLines : jsonLines;
      return {
        fileName: `${stamp}.slipway-audit-rows.${format}`,
        contentType: format === "csv" ? "text/csv; charset=utf-8" : "application/jsonl",
        lines: rows(auditStore, filter, { statement, generator, trailSize: size }),
      };
    },
  };
}

export type AuditDesk = ReturnType<typeof createAuditDesk>;

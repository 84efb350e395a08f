-- AlterTable
ALTER TABLE "AuditEvent" ADD COLUMN     "pruningId" UUID;

-- CreateTable
CREATE TABLE "AuditPruning" (
    "id" UUID NOT NULL,
    "fromSeq" BIGINT NOT NULL,
    "toSeq" BIGINT NOT NULL,
    "texts" INTEGER NOT NULL,
    "days" INTEGER NOT NULL,
    "cutoff" TIMESTAMPTZ(3) NOT NULL,
    "rule" TEXT NOT NULL,
    "prunedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "transaction" TEXT NOT NULL,

    CONSTRAINT "AuditPruning_pkey" PRIMARY KEY ("id")
);

-- Old texts of the trail may go, by one way only: leaf hash, chain, tree and checkpoints stay, so every proof stays valid.
-- Threats, limits and what remains of an entry: docs/audit.md, section 10.

-- What must hold for an act of pruning, whoever writes the row: the floor, the age, a signed checkpoint above, nothing held.
CREATE FUNCTION public.audit_guard_pruning() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  NEW."transaction" := pg_current_xact_id()::text;
  NEW."prunedAt" := clock_timestamp();
  IF NEW."days" < 184 OR NEW."cutoff" > clock_timestamp() - make_interval(days => NEW."days") THEN
    RAISE EXCEPTION 'Texts of the audit trail are kept for at least 184 days and for the time that the rule says.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NEW."toSeq" > coalesce((SELECT max(c."size") FROM "AuditCheckpoint" c), 0) THEN
    RAISE EXCEPTION 'Only texts of entries under a signed checkpoint may be pruned.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF EXISTS (SELECT 1 FROM "LegalHold" h WHERE h."liftedAt" IS NULL AND (h."recordClass" IS NULL OR h."recordClass" = 'audit_trail')) THEN
    RAISE EXCEPTION 'The audit trail is on legal hold.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;

-- The one change that an entry may meet: its text goes, in the transaction of an act of pruning that covers it. Everything else stays refused.
CREATE FUNCTION public.audit_guard_event() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  v_gone text[] := ARRAY['leaf', 'actorId', 'actorName', 'requestId', 'idempotencyKey', 'pruningId'];
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF octet_length(OLD."leaf") > 0 AND octet_length(NEW."leaf") = 0 AND OLD."pruningId" IS NULL
      AND NEW."actorId" IS NULL AND NEW."actorName" = '' AND NEW."requestId" IS NULL AND NEW."idempotencyKey" IS NULL
      AND to_jsonb(NEW) - v_gone = to_jsonb(OLD) - v_gone
      AND EXISTS (SELECT 1 FROM "AuditPruning" p WHERE p."id" = NEW."pruningId" AND p."transaction" = pg_current_xact_id()::text
        AND OLD."seq" >= p."fromSeq" AND OLD."seq" < p."toSeq" AND OLD."occurredAt" < p."cutoff")
    THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'The audit trail is append-only: % on "%" is refused.', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege', HINT = 'Nothing in it can be edited or removed, by anyone.';
END $$;

-- What a pruned entry was about keeps type and id, for filters; name and digest go with the text.
CREATE FUNCTION public.audit_guard_target() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  v_gone text[] := ARRAY['name', 'digest'];
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW."name" IS NULL AND NEW."digest" IS NULL AND to_jsonb(NEW) - v_gone = to_jsonb(OLD) - v_gone
      AND EXISTS (SELECT 1 FROM "AuditEvent" e JOIN "AuditPruning" p ON p."id" = e."pruningId"
        WHERE e."seq" = OLD."seq" AND p."transaction" = pg_current_xact_id()::text)
    THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'The audit trail is append-only: % on "%" is refused.', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege', HINT = 'Nothing in it can be edited or removed, by anyone.';
END $$;

DROP TRIGGER audit_no_change ON public."AuditEvent";
DROP TRIGGER audit_no_change ON public."AuditTarget";
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON public."AuditEvent" FOR EACH ROW EXECUTE FUNCTION public.audit_guard_event();
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON public."AuditTarget" FOR EACH ROW EXECUTE FUNCTION public.audit_guard_target();
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON public."AuditPruning" FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON public."AuditPruning" FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change();
CREATE TRIGGER audit_allowed BEFORE INSERT ON public."AuditPruning" FOR EACH ROW EXECUTE FUNCTION public.audit_guard_pruning();
ALTER TABLE public."AuditEvent" ENABLE ALWAYS TRIGGER audit_no_change;
ALTER TABLE public."AuditTarget" ENABLE ALWAYS TRIGGER audit_no_change;
ALTER TABLE public."AuditPruning" ENABLE ALWAYS TRIGGER audit_no_change;
ALTER TABLE public."AuditPruning" ENABLE ALWAYS TRIGGER audit_no_truncate;
ALTER TABLE public."AuditPruning" ENABLE ALWAYS TRIGGER audit_allowed;

-- Prunes the oldest texts past their time, at most p_limit of them; no row when there are none. The newest entry keeps its text, and so do acts that
-- proofs and later answers hang on (p_kept). The caller appends the entry that tells of it in the same transaction.
CREATE FUNCTION public.audit_prune(p_days int, p_rule text, p_kept text[], p_limit int)
RETURNS TABLE (from_seq bigint, to_seq bigint, texts int, cutoff timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_id uuid := gen_random_uuid();
  v_cutoff timestamptz(3) := date_trunc('milliseconds', clock_timestamp() - make_interval(days => p_days));
  v_seqs bigint[];
BEGIN
  PERFORM pg_advisory_xact_lock(8317138543238800453);
  SELECT array_agg(o."seq" ORDER BY o."seq") INTO v_seqs FROM (
    SELECT e."seq" FROM "AuditEvent" e
    WHERE e."pruningId" IS NULL AND e."occurredAt" < v_cutoff AND e."action" <> ALL (p_kept) AND e."action" NOT LIKE 'audit.%'
      AND e."seq" < (SELECT max(c."size") FROM "AuditCheckpoint" c)
      AND e."seq" < (SELECT h."size" - 1 FROM "AuditHead" h WHERE h."id" = 1)
    ORDER BY e."seq" LIMIT least(p_limit, 10000)
  ) o;
  IF v_seqs IS NULL THEN
    RETURN;
  END IF;
  from_seq := v_seqs[1];
  to_seq := v_seqs[cardinality(v_seqs)] + 1;
  texts := cardinality(v_seqs);
  cutoff := v_cutoff;
  INSERT INTO "AuditPruning" ("id", "fromSeq", "toSeq", "texts", "days", "cutoff", "rule", "transaction")
  VALUES (v_id, from_seq, to_seq, texts, p_days, v_cutoff, p_rule, '');
  UPDATE "AuditEvent" e SET "leaf" = ''::bytea, "actorId" = NULL, "actorName" = '', "requestId" = NULL, "idempotencyKey" = NULL, "pruningId" = v_id
  WHERE e."seq" = ANY (v_seqs);
  UPDATE "AuditTarget" t SET "name" = NULL, "digest" = NULL WHERE t."seq" = ANY (v_seqs);
  RETURN NEXT;
END $$;

-- As in 0002, with the new table and function.
CREATE OR REPLACE FUNCTION public.audit_restrict_role(p_role name) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  v_table text;
BEGIN
  IF p_role IS NULL OR p_role = current_user OR NOT EXISTS (SELECT 1 FROM pg_roles r WHERE r.rolname = p_role) THEN
    RETURN;
  END IF;
  FOREACH v_table IN ARRAY ARRAY['AuditEvent', 'AuditTarget', 'AuditNode', 'AuditHead', 'AuditCheckpoint', 'AuditPruning'] LOOP
    EXECUTE format('REVOKE ALL ON TABLE public.%I FROM %I', v_table, p_role);
    EXECUTE format('GRANT SELECT ON TABLE public.%I TO %I', v_table, p_role);
  END LOOP;
  EXECUTE format('REVOKE ALL ON FUNCTION public.audit_restrict_role(name), public.audit_store_event(bigint, text, bytea, bytea) FROM %I', p_role);
  EXECUTE format('GRANT EXECUTE ON FUNCTION public.audit_append(text[], boolean),
    public.audit_record_checkpoint(bigint, bytea, text, text), public.audit_lock_checkpoints(),
    public.audit_prune(int, text, text[], int) TO %I', p_role);
END $$;

REVOKE ALL ON TABLE public."AuditPruning" FROM PUBLIC;
REVOKE ALL ON FUNCTION public.audit_prune(int, text, text[], int) FROM PUBLIC;

SELECT public.audit_restrict_role('slipway_app');
SELECT public.audit_restrict_role(nullif(current_setting('slipway.app_role', true), ''));

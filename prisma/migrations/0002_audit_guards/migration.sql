-- What keeps the audit trail append-only inside the database, and what Prisma cannot say:
-- functions that are the only way in, triggers that refuse every change, rights for the role the control plane connects as.
-- Threats and limits: docs/audit.md. A superuser can undo all of this; the signed checkpoints are what shows it.

-- ---------------------------------------------------------------- triggers: nothing is ever changed or removed

CREATE FUNCTION public.audit_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'The audit trail is append-only: % on "%" is refused.', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege', HINT = 'Nothing in it can be edited or removed, by anyone.';
END $$;

-- The head only moves forward, and only onto an event that is there.
CREATE FUNCTION public.audit_guard_head() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW."id" <> OLD."id" OR NEW."size" < OLD."size" OR NEW."forcedSize" < OLD."forcedSize" OR NEW."forcedSize" > NEW."size" THEN
    RAISE EXCEPTION 'The head of the audit trail only moves forward.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NEW."size" = OLD."size" AND (NEW."chainHash" <> OLD."chainHash" OR NEW."frontier" <> OLD."frontier") THEN
    RAISE EXCEPTION 'The head of the audit trail moves with its events only.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF NEW."size" > OLD."size" AND NOT EXISTS (
    SELECT 1 FROM "AuditEvent" e WHERE e."seq" = NEW."size" - 1 AND e."chainHash" = NEW."chainHash"
  ) THEN
    RAISE EXCEPTION 'The head of the audit trail must stand on its newest event.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;

DO $$
DECLARE
  v_table text;
BEGIN
  FOREACH v_table IN ARRAY ARRAY['AuditEvent', 'AuditTarget', 'AuditNode', 'AuditCheckpoint'] LOOP
    EXECUTE format('CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON public.%I
      FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change()', v_table);
  END LOOP;
  CREATE TRIGGER audit_no_delete BEFORE DELETE ON public."AuditHead"
    FOR EACH ROW EXECUTE FUNCTION public.audit_refuse_change();
  CREATE TRIGGER audit_forward_only BEFORE UPDATE ON public."AuditHead"
    FOR EACH ROW EXECUTE FUNCTION public.audit_guard_head();
  FOREACH v_table IN ARRAY ARRAY['AuditEvent', 'AuditTarget', 'AuditNode', 'AuditHead', 'AuditCheckpoint'] LOOP
    EXECUTE format('CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON public.%I
      FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse_change()', v_table);
  END LOOP;
  -- Plain triggers sleep under session_replication_role = replica. ALWAYS ones do not.
  -- (A later ENABLE TRIGGER ALL would put them back to sleep; the control plane checks tgenabled at every start.)
  FOR v_table IN SELECT format('ALTER TABLE public.%I ENABLE ALWAYS TRIGGER %I', c.relname, t.tgname)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgname LIKE 'audit\_%' AND c.relnamespace = 'public'::regnamespace
  LOOP
    EXECUTE v_table;
  END LOOP;
END $$;

ALTER TABLE public."AuditHead" ADD CONSTRAINT audit_head_is_one_row CHECK ("id" = 1);

INSERT INTO public."AuditHead" ("id", "size", "chainHash", "frontier", "forcedSize")
VALUES (1, 0, decode(repeat('00', 32), 'hex'), ARRAY[]::bytea[], 0);

-- ---------------------------------------------------------------- the only way in

-- Appends leaves in order, in the caller's transaction. Takes the lock that orders the whole trail, so it must be the last
-- statement before COMMIT. Everything but the leaf text is computed here: the caller chooses neither numbers, hashes nor columns.
-- Hashes: leaf sha256(00 || leaf), node sha256(01 || left || right), chain sha256(02 || previous || leaf hash).
CREATE FUNCTION public.audit_append(p_leaves text[], p_force_checkpoint boolean)
RETURNS TABLE (first_seq bigint, new_size bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_text text;
  v_size bigint;
  v_chain bytea;
  v_frontier bytea[];
  v_leaf_hash bytea;
  v_node bytea;
  v_level int;
  v_rest bigint;
BEGIN
  IF coalesce(cardinality(p_leaves), 0) NOT BETWEEN 1 AND 10000 THEN
    RAISE EXCEPTION 'audit_append takes 1 to 10000 leaves, not %.', coalesce(cardinality(p_leaves), 0)
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- Under a frozen snapshot the head read below would be old.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'The audit trail is appended to at READ COMMITTED, not at %.', upper(current_setting('transaction_isolation'))
      USING ERRCODE = 'invalid_transaction_state';
  END IF;
  PERFORM pg_advisory_xact_lock(8317138543238800449);
  SELECT h."size", h."chainHash", h."frontier" INTO STRICT v_size, v_chain, v_frontier FROM "AuditHead" h WHERE h."id" = 1;
  first_seq := v_size;

  FOREACH v_text IN ARRAY p_leaves LOOP
    v_leaf_hash := sha256('\x00'::bytea || convert_to(v_text, 'UTF8'));
    v_chain := sha256('\x02'::bytea || v_chain || v_leaf_hash);
    PERFORM audit_store_event(v_size, v_text, v_leaf_hash, v_chain);

    v_node := v_leaf_hash;
    v_level := 0;
    v_rest := v_size;
    WHILE v_rest % 2 = 1 LOOP
      v_node := sha256('\x01'::bytea || v_frontier[cardinality(v_frontier)] || v_node);
      v_frontier := v_frontier[1:cardinality(v_frontier) - 1];
      v_level := v_level + 1;
      v_rest := v_rest / 2;
      INSERT INTO "AuditNode" ("level", "index", "hash") VALUES (v_level, v_rest, v_node);
    END LOOP;
    v_frontier := v_frontier || v_node;
    v_size := v_size + 1;
  END LOOP;

  UPDATE "AuditHead" h SET
    "size" = v_size,
    "chainHash" = v_chain,
    "frontier" = v_frontier,
    "forcedSize" = CASE WHEN p_force_checkpoint THEN v_size ELSE h."forcedSize" END
  WHERE h."id" = 1;
  new_size := v_size;
  RETURN NEXT;
END $$;

-- One event and its targets, with every filter column taken from the leaf itself.
CREATE FUNCTION public.audit_store_event(p_seq bigint, p_text text, p_leaf_hash bytea, p_chain_hash bytea) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp AS $$
DECLARE
  v_leaf jsonb := p_text::jsonb;
  v_first jsonb;
BEGIN
  IF jsonb_typeof(v_leaf -> 'targets') IS DISTINCT FROM 'array' THEN
    RAISE EXCEPTION 'A leaf of the audit trail has a list of targets.' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT coalesce(jsonb_object_agg(f.type, f.id), '{}') INTO v_first FROM (
    SELECT DISTINCT ON (t.value ->> 'type') t.value ->> 'type' AS type, t.value ->> 'id' AS id
    FROM jsonb_array_elements(v_leaf -> 'targets') WITH ORDINALITY AS t (value, position)
    ORDER BY t.value ->> 'type', t.position
  ) f;
  INSERT INTO "AuditEvent" (
    "seq", "id", "leaf", "leafHash", "chainHash", "occurredAt", "action", "crud", "outcome", "actorType", "actorId", "actorName",
    "modelId", "versionId", "endpointId", "environmentId", "releaseId", "requestId", "idempotencyKey"
  ) VALUES (
    p_seq, (v_leaf ->> 'id')::uuid, convert_to(p_text, 'UTF8'), p_leaf_hash, p_chain_hash,
    (v_leaf ->> 'ts')::timestamptz, v_leaf ->> 'action', v_leaf ->> 'crud', v_leaf ->> 'outcome',
    v_leaf #>> '{actor,type}', v_leaf #>> '{actor,id}', v_leaf #>> '{actor,name}',
    v_first ->> 'model', v_first ->> 'version', v_first ->> 'endpoint', v_first ->> 'environment', v_first ->> 'release',
    v_leaf #>> '{context,requestId}', v_leaf ->> 'idempotencyKey'
  );
  INSERT INTO "AuditTarget" ("seq", "position", "type", "targetId", "name", "digest")
  SELECT p_seq, t.position - 1, t.value ->> 'type', t.value ->> 'id', t.value ->> 'name', t.value ->> 'digest'
  FROM jsonb_array_elements(v_leaf -> 'targets') WITH ORDINALITY AS t (value, position);
END $$;

-- Keeps a signed checkpoint. The caller holds the signing lock and has checked the tree; here only what needs no key is checked.
CREATE FUNCTION public.audit_record_checkpoint(p_size bigint, p_root bytea, p_note text, p_reason text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF p_size > (SELECT h."size" FROM "AuditHead" h WHERE h."id" = 1) THEN
    RAISE EXCEPTION 'A checkpoint cannot cover events that are not there.' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF p_size <= (SELECT max(c."size") FROM "AuditCheckpoint" c) THEN
    RAISE EXCEPTION 'There is a checkpoint at % or beyond.', p_size USING ERRCODE = 'unique_violation';
  END IF;
  INSERT INTO "AuditCheckpoint" ("size", "root", "note", "reason", "signedAt")
  VALUES (p_size, p_root, p_note, p_reason, clock_timestamp());
END $$;

-- Serialises signers across control-plane replicas, without holding up appends.
CREATE FUNCTION public.audit_lock_checkpoints() RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(8317138543238800451);
END $$;

-- ---------------------------------------------------------------- rights

-- Leaves the named role reading the trail and calling the functions above, nothing else. Safe to repeat: whoever grants rights on
-- all tables of the schema calls it afterwards. With one role for everything there is nothing to take away.
CREATE FUNCTION public.audit_restrict_role(p_role name) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  v_table text;
BEGIN
  IF p_role IS NULL OR p_role = current_user OR NOT EXISTS (SELECT 1 FROM pg_roles r WHERE r.rolname = p_role) THEN
    RETURN;
  END IF;
  FOREACH v_table IN ARRAY ARRAY['AuditEvent', 'AuditTarget', 'AuditNode', 'AuditHead', 'AuditCheckpoint'] LOOP
    EXECUTE format('REVOKE ALL ON TABLE public.%I FROM %I', v_table, p_role);
    EXECUTE format('GRANT SELECT ON TABLE public.%I TO %I', v_table, p_role);
  END LOOP;
  EXECUTE format('REVOKE ALL ON FUNCTION public.audit_restrict_role(name), public.audit_store_event(bigint, text, bytea, bytea) FROM %I', p_role);
  EXECUTE format('GRANT EXECUTE ON FUNCTION public.audit_append(text[], boolean),
    public.audit_record_checkpoint(bigint, bytea, text, text), public.audit_lock_checkpoints() TO %I', p_role);
END $$;

REVOKE ALL ON TABLE public."AuditEvent", public."AuditTarget", public."AuditNode", public."AuditHead", public."AuditCheckpoint" FROM PUBLIC;
REVOKE ALL ON FUNCTION
  public.audit_append(text[], boolean),
  public.audit_store_event(bigint, text, bytea, bytea),
  public.audit_record_checkpoint(bigint, bytea, text, text),
  public.audit_lock_checkpoints(),
  public.audit_restrict_role(name)
FROM PUBLIC;

SELECT public.audit_restrict_role('slipway_app');
-- The migration runner names the role the control plane connects as, when it is another one.
SELECT public.audit_restrict_role(nullif(current_setting('slipway.app_role', true), ''));

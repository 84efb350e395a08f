-- CreateTable
CREATE TABLE "Incident" (
    "id" UUID NOT NULL,
    "number" SERIAL NOT NULL,
    "title" TEXT NOT NULL,
    "summary" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "harms" TEXT[],
    "lawRoles" TEXT[],
    "jurisdictions" TEXT[],
    "occurredAt" TIMESTAMPTZ(3),
    "awareAt" TIMESTAMPTZ(3) NOT NULL,
    "modelId" UUID,
    "versionId" UUID,
    "endpointId" UUID,
    "environmentId" UUID,
    "releaseId" UUID,
    "alertKey" TEXT,
    "windowFrom" TIMESTAMPTZ(3),
    "windowTo" TIMESTAMPTZ(3),
    "ownerId" UUID,
    "postMortem" JSONB,
    "openedBy" TEXT NOT NULL,
    "openedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "closedAt" TIMESTAMPTZ(3),
    "rowVersion" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "Incident_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "IncidentEntry" (
    "id" UUID NOT NULL,
    "incidentId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "recordedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "kind" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "by" TEXT NOT NULL,

    CONSTRAINT "IncidentEntry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "IncidentPerson" (
    "incidentId" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "duty" TEXT NOT NULL,
    "addedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "IncidentPerson_pkey" PRIMARY KEY ("incidentId","userId")
);

-- CreateTable
CREATE TABLE "IncidentAction" (
    "id" UUID NOT NULL,
    "incidentId" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "ownerId" UUID NOT NULL,
    "dueAt" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL,
    "note" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "IncidentAction_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "IncidentReport" (
    "id" UUID NOT NULL,
    "incidentId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "clockId" TEXT,
    "recipient" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "writtenBy" TEXT NOT NULL,
    "writtenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sentAt" TIMESTAMPTZ(3) NOT NULL,
    "reference" TEXT,

    CONSTRAINT "IncidentReport_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "PreservedEvidence" (
    "id" UUID NOT NULL,
    "releaseId" UUID,
    "endpointId" UUID NOT NULL,
    "incidentId" UUID,
    "cause" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "digest" TEXT NOT NULL,
    "takenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "releasedAt" TIMESTAMPTZ(3),

    CONSTRAINT "PreservedEvidence_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Runbook" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Runbook_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RunbookVersion" (
    "id" UUID NOT NULL,
    "runbookId" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "writtenBy" TEXT NOT NULL,
    "writtenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "RunbookVersion_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RunbookAssignment" (
    "runbookId" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "duty" TEXT NOT NULL,
    "assignedBy" TEXT NOT NULL,
    "assignedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "RunbookAssignment_pkey" PRIMARY KEY ("runbookId","userId")
);

-- CreateTable
CREATE TABLE "RunbookAcknowledgement" (
    "versionId" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "RunbookAcknowledgement_pkey" PRIMARY KEY ("versionId","userId")
);

-- CreateTable
CREATE TABLE "RunbookLink" (
    "id" UUID NOT NULL,
    "runbookId" UUID NOT NULL,
    "endpointId" UUID,
    "modelId" UUID,

    CONSTRAINT "RunbookLink_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Incident_number_key" ON "Incident"("number");

-- CreateIndex
CREATE INDEX "Incident_state_number_idx" ON "Incident"("state", "number");

-- CreateIndex
CREATE INDEX "Incident_environmentId_idx" ON "Incident"("environmentId");

-- CreateIndex
CREATE INDEX "Incident_modelId_idx" ON "Incident"("modelId");

-- CreateIndex
CREATE INDEX "Incident_releaseId_idx" ON "Incident"("releaseId");

-- CreateIndex
CREATE INDEX "Incident_alertKey_idx" ON "Incident"("alertKey");

-- CreateIndex
CREATE INDEX "IncidentEntry_incidentId_at_idx" ON "IncidentEntry"("incidentId", "at");

-- CreateIndex
CREATE INDEX "IncidentAction_incidentId_idx" ON "IncidentAction"("incidentId");

-- CreateIndex
CREATE INDEX "IncidentReport_incidentId_idx" ON "IncidentReport"("incidentId");

-- CreateIndex
CREATE INDEX "PreservedEvidence_releaseId_idx" ON "PreservedEvidence"("releaseId");

-- CreateIndex
CREATE INDEX "PreservedEvidence_endpointId_takenAt_idx" ON "PreservedEvidence"("endpointId", "takenAt");

-- CreateIndex
CREATE INDEX "PreservedEvidence_incidentId_idx" ON "PreservedEvidence"("incidentId");

-- CreateIndex
CREATE UNIQUE INDEX "Runbook_name_key" ON "Runbook"("name");

-- CreateIndex
CREATE UNIQUE INDEX "RunbookVersion_runbookId_number_key" ON "RunbookVersion"("runbookId", "number");

-- CreateIndex
CREATE INDEX "RunbookLink_endpointId_idx" ON "RunbookLink"("endpointId");

-- CreateIndex
CREATE INDEX "RunbookLink_modelId_idx" ON "RunbookLink"("modelId");

-- CreateIndex
CREATE UNIQUE INDEX "RunbookLink_runbookId_endpointId_key" ON "RunbookLink"("runbookId", "endpointId");

-- CreateIndex
CREATE UNIQUE INDEX "RunbookLink_runbookId_modelId_key" ON "RunbookLink"("runbookId", "modelId");

-- AddForeignKey
ALTER TABLE "IncidentEntry" ADD CONSTRAINT "IncidentEntry_incidentId_fkey" FOREIGN KEY ("incidentId") REFERENCES "Incident"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "IncidentPerson" ADD CONSTRAINT "IncidentPerson_incidentId_fkey" FOREIGN KEY ("incidentId") REFERENCES "Incident"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "IncidentAction" ADD CONSTRAINT "IncidentAction_incidentId_fkey" FOREIGN KEY ("incidentId") REFERENCES "Incident"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "IncidentReport" ADD CONSTRAINT "IncidentReport_incidentId_fkey" FOREIGN KEY ("incidentId") REFERENCES "Incident"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PreservedEvidence" ADD CONSTRAINT "PreservedEvidence_incidentId_fkey" FOREIGN KEY ("incidentId") REFERENCES "Incident"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RunbookVersion" ADD CONSTRAINT "RunbookVersion_runbookId_fkey" FOREIGN KEY ("runbookId") REFERENCES "Runbook"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RunbookAssignment" ADD CONSTRAINT "RunbookAssignment_runbookId_fkey" FOREIGN KEY ("runbookId") REFERENCES "Runbook"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RunbookAcknowledgement" ADD CONSTRAINT "RunbookAcknowledgement_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "RunbookVersion"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RunbookLink" ADD CONSTRAINT "RunbookLink_runbookId_fkey" FOREIGN KEY ("runbookId") REFERENCES "Runbook"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- One incident for one automatic roll back, and one that is not closed for one alert: two replicas that notice at once open one.
CREATE UNIQUE INDEX "Incident_one_per_rollback" ON "Incident" ("releaseId") WHERE "source" = 'rollback';
CREATE UNIQUE INDEX "Incident_one_open_per_alert" ON "Incident" ("alertKey") WHERE "alertKey" IS NOT NULL AND "state" <> 'closed';

-- What was written stays as it was written.
CREATE FUNCTION public.record_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'A written record is never changed: % on "%" is refused.', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege', HINT = 'Write another entry that corrects it.';
END $$;

CREATE TRIGGER record_no_change BEFORE UPDATE OR DELETE ON public."IncidentEntry" FOR EACH ROW EXECUTE FUNCTION public.record_refuse_change();
CREATE TRIGGER record_no_change BEFORE UPDATE OR DELETE ON public."IncidentReport" FOR EACH ROW EXECUTE FUNCTION public.record_refuse_change();
CREATE TRIGGER record_no_change BEFORE UPDATE OR DELETE ON public."RunbookVersion" FOR EACH ROW EXECUTE FUNCTION public.record_refuse_change();

-- Preserved evidence is on hold: its content never changes, and it goes only after somebody has released it.
CREATE FUNCTION public.preserved_on_hold() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD."releasedAt" IS NULL THEN
    RAISE EXCEPTION 'This evidence is on hold.' USING ERRCODE = 'insufficient_privilege', HINT = 'Release the hold first.';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF NEW."content" <> OLD."content" OR NEW."digest" <> OLD."digest" OR NEW."takenAt" <> OLD."takenAt" OR NEW."endpointId" <> OLD."endpointId" THEN
    RAISE EXCEPTION 'Preserved evidence is never changed.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER preserved_on_hold BEFORE UPDATE OR DELETE ON public."PreservedEvidence" FOR EACH ROW EXECUTE FUNCTION public.preserved_on_hold();

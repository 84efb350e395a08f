-- DropIndex
DROP INDEX "Evidence_subjectType_subjectId_kind_idx";

-- AlterTable
ALTER TABLE "Evidence" ADD COLUMN     "documentDigest" TEXT,
ADD COLUMN     "recordedById" UUID;

-- CreateTable
CREATE TABLE "EvidenceDocument" (
    "digest" TEXT NOT NULL,
    "mediaType" TEXT NOT NULL,
    "fileName" TEXT NOT NULL,
    "sizeBytes" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,
    "uploadedById" UUID NOT NULL,
    "uploadedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "EvidenceDocument_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "ModelClassification" (
    "id" UUID NOT NULL,
    "modelId" UUID NOT NULL,
    "answers" JSONB NOT NULL,
    "actClass" TEXT NOT NULL,
    "because" TEXT[],
    "rationale" TEXT NOT NULL,
    "catalogueVersion" TEXT NOT NULL,
    "modelDigest" TEXT NOT NULL,
    "decidedById" UUID NOT NULL,
    "decidedByName" TEXT NOT NULL,
    "decidedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ModelClassification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "DeliveryContext" (
    "id" UUID NOT NULL,
    "modelId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "client" TEXT,
    "provider" TEXT,
    "custodian" TEXT NOT NULL,
    "responsibilities" JSONB NOT NULL,
    "recordedById" UUID NOT NULL,
    "recordedByName" TEXT NOT NULL,
    "recordedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "DeliveryContext_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ControlDecision" (
    "id" UUID NOT NULL,
    "modelId" UUID NOT NULL,
    "controlId" TEXT NOT NULL,
    "decision" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "signedById" UUID NOT NULL,
    "signedName" TEXT NOT NULL,
    "signedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "revokedAt" TIMESTAMPTZ(3),

    CONSTRAINT "ControlDecision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ChangeEnvelope" (
    "id" UUID NOT NULL,
    "modelId" UUID NOT NULL,
    "planVersion" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "document" JSONB NOT NULL,
    "digest" TEXT NOT NULL,
    "registeredById" UUID NOT NULL,
    "registeredByName" TEXT NOT NULL,
    "registeredAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ChangeEnvelope_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CatalogueChoice" (
    "id" UUID NOT NULL,
    "version" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "chosenById" UUID,
    "chosenByName" TEXT NOT NULL,
    "chosenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "CatalogueChoice_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ReleaseCatalogue" (
    "releaseId" UUID NOT NULL,
    "version" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "pinnedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ReleaseCatalogue_pkey" PRIMARY KEY ("releaseId")
);

-- CreateTable
CREATE TABLE "FirstInference" (
    "versionId" UUID NOT NULL,
    "endpointId" UUID NOT NULL,
    "modelId" UUID NOT NULL,
    "environmentId" UUID NOT NULL,
    "arm" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "recordedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "FirstInference_pkey" PRIMARY KEY ("versionId","endpointId")
);

-- CreateIndex
CREATE INDEX "ModelClassification_modelId_decidedAt_idx" ON "ModelClassification"("modelId", "decidedAt");

-- CreateIndex
CREATE INDEX "DeliveryContext_modelId_recordedAt_idx" ON "DeliveryContext"("modelId", "recordedAt");

-- CreateIndex
CREATE INDEX "ControlDecision_modelId_controlId_idx" ON "ControlDecision"("modelId", "controlId");

-- CreateIndex
CREATE INDEX "ChangeEnvelope_modelId_registeredAt_idx" ON "ChangeEnvelope"("modelId", "registeredAt");

-- CreateIndex
CREATE INDEX "CatalogueChoice_chosenAt_idx" ON "CatalogueChoice"("chosenAt");

-- CreateIndex
CREATE INDEX "FirstInference_modelId_at_idx" ON "FirstInference"("modelId", "at");

-- CreateIndex
CREATE INDEX "Evidence_subjectType_subjectId_kind_producedAt_idx" ON "Evidence"("subjectType", "subjectId", "kind", "producedAt" DESC);

-- CreateIndex
CREATE INDEX "Evidence_producedAt_id_idx" ON "Evidence"("producedAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "Evidence_kind_producedAt_idx" ON "Evidence"("kind", "producedAt" DESC);

-- AddForeignKey
ALTER TABLE "ModelClassification" ADD CONSTRAINT "ModelClassification_modelId_fkey" FOREIGN KEY ("modelId") REFERENCES "Model"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DeliveryContext" ADD CONSTRAINT "DeliveryContext_modelId_fkey" FOREIGN KEY ("modelId") REFERENCES "Model"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ControlDecision" ADD CONSTRAINT "ControlDecision_modelId_fkey" FOREIGN KEY ("modelId") REFERENCES "Model"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ChangeEnvelope" ADD CONSTRAINT "ChangeEnvelope_modelId_fkey" FOREIGN KEY ("modelId") REFERENCES "Model"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ReleaseCatalogue" ADD CONSTRAINT "ReleaseCatalogue_releaseId_fkey" FOREIGN KEY ("releaseId") REFERENCES "Release"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Evidence and decisions are never rewritten: a later one replaces an earlier one, and both stay readable.
CREATE FUNCTION governance_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

DO $$
DECLARE v_table text;
BEGIN
  FOREACH v_table IN ARRAY ARRAY['Evidence', 'EvidenceDocument', 'ModelClassification', 'DeliveryContext', 'ChangeEnvelope', 'CatalogueChoice', 'ReleaseCatalogue', 'FirstInference']
  LOOP
    EXECUTE format('CREATE TRIGGER governance_no_change BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION governance_append_only()', v_table);
    EXECUTE format('CREATE TRIGGER governance_no_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION governance_append_only()', v_table);
  END LOOP;
END $$;

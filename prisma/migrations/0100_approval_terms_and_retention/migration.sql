-- AlterTable
ALTER TABLE "Approval" ADD COLUMN     "isIndependent" BOOLEAN NOT NULL DEFAULT true;

-- CreateTable
CREATE TABLE "RetentionRule" (
    "id" UUID NOT NULL,
    "recordClass" TEXT NOT NULL,
    "days" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "setById" UUID NOT NULL,
    "setByName" TEXT NOT NULL,
    "setAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "RetentionRule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "LegalHold" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "recordClass" TEXT,
    "modelId" UUID,
    "reason" TEXT NOT NULL,
    "placedById" UUID NOT NULL,
    "placedByName" TEXT NOT NULL,
    "placedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "liftedByName" TEXT,
    "liftedAt" TIMESTAMPTZ(3),
    "liftReason" TEXT,

    CONSTRAINT "LegalHold_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "RetentionRule_recordClass_setAt_idx" ON "RetentionRule"("recordClass", "setAt");

-- CreateIndex
CREATE INDEX "LegalHold_liftedAt_idx" ON "LegalHold"("liftedAt");

-- AddForeignKey
ALTER TABLE "LegalHold" ADD CONSTRAINT "LegalHold_modelId_fkey" FOREIGN KEY ("modelId") REFERENCES "Model"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- A rule is replaced by a later one, never rewritten.
CREATE TRIGGER governance_no_change BEFORE UPDATE OR DELETE ON "RetentionRule" FOR EACH ROW EXECUTE FUNCTION governance_append_only();
CREATE TRIGGER governance_no_truncate BEFORE TRUNCATE ON "RetentionRule" FOR EACH STATEMENT EXECUTE FUNCTION governance_append_only();
CREATE TRIGGER governance_no_truncate BEFORE TRUNCATE ON "LegalHold" FOR EACH STATEMENT EXECUTE FUNCTION governance_append_only();

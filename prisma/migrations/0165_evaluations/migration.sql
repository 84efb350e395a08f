-- CreateTable
CREATE TABLE "Evaluation" (
    "id" UUID NOT NULL,
    "number" SERIAL NOT NULL,
    "versionId" UUID NOT NULL,
    "dataDigest" TEXT NOT NULL,
    "settings" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "createdById" UUID,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),
    "problem" TEXT,
    "report" JSONB,
    "faults" JSONB,
    "rowVersion" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "Evaluation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "EvaluationWork" (
    "evaluationId" UUID NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "leaseToken" UUID,
    "bootId" UUID,
    "leasedUntil" TIMESTAMPTZ(3),
    "startedAt" TIMESTAMPTZ(3),
    "rowsDone" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "EvaluationWork_pkey" PRIMARY KEY ("evaluationId")
);

-- CreateIndex
CREATE UNIQUE INDEX "Evaluation_number_key" ON "Evaluation"("number");

-- CreateIndex
CREATE INDEX "Evaluation_versionId_number_idx" ON "Evaluation"("versionId", "number");

-- CreateIndex
CREATE INDEX "Evaluation_state_idx" ON "Evaluation"("state");

-- AddForeignKey
ALTER TABLE "Evaluation" ADD CONSTRAINT "Evaluation_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "Version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Evaluation" ADD CONSTRAINT "Evaluation_dataDigest_fkey" FOREIGN KEY ("dataDigest") REFERENCES "BatchInput"("digest") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "EvaluationWork" ADD CONSTRAINT "EvaluationWork_evaluationId_fkey" FOREIGN KEY ("evaluationId") REFERENCES "Evaluation"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

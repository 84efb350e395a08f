-- AlterTable
ALTER TABLE "Endpoint" ADD COLUMN     "pattern" TEXT NOT NULL DEFAULT 'online';

-- CreateTable
CREATE TABLE "BatchInput" (
    "digest" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "format" TEXT NOT NULL,
    "sizeBytes" BIGINT NOT NULL,
    "rows" INTEGER NOT NULL,
    "columns" JSONB NOT NULL,
    "cuts" JSONB NOT NULL,
    "headerBytes" INTEGER NOT NULL,
    "endOffset" BIGINT NOT NULL,
    "delimiter" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "createdBy" TEXT NOT NULL,

    CONSTRAINT "BatchInput_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "BatchJob" (
    "id" UUID NOT NULL,
    "number" SERIAL NOT NULL,
    "endpointId" UUID NOT NULL,
    "versionId" UUID NOT NULL,
    "compareVersionId" UUID,
    "inputDigest" TEXT NOT NULL,
    "mapping" JSONB NOT NULL,
    "idColumn" TEXT,
    "outputName" TEXT NOT NULL,
    "outputFormat" TEXT NOT NULL,
    "failureLimitBp" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "rowsTotal" INTEGER NOT NULL,
    "activeSince" TIMESTAMPTZ(3),
    "rowsAtActive" INTEGER NOT NULL DEFAULT 0,
    "scheduleId" UUID,
    "createdById" UUID,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finishedAt" TIMESTAMPTZ(3),
    "problem" TEXT,
    "report" JSONB,
    "rowVersion" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "BatchJob_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "BatchPartition" (
    "jobId" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "firstRow" INTEGER NOT NULL,
    "rows" INTEGER NOT NULL,
    "byteStart" BIGINT NOT NULL,
    "byteEnd" BIGINT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "leaseToken" UUID,
    "bootId" UUID,
    "leasedUntil" TIMESTAMPTZ(3),
    "rowsDone" INTEGER NOT NULL DEFAULT 0,
    "outputDigest" TEXT,
    "errorsDigest" TEXT,
    "report" JSONB,
    "finishedAt" TIMESTAMPTZ(3),

    CONSTRAINT "BatchPartition_pkey" PRIMARY KEY ("jobId","index")
);

-- CreateTable
CREATE TABLE "BatchOutput" (
    "id" UUID NOT NULL,
    "endpointId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "jobId" UUID NOT NULL,
    "versionId" UUID NOT NULL,
    "format" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "sizeBytes" BIGINT NOT NULL,
    "errorsDigest" TEXT,
    "rows" INTEGER NOT NULL,
    "failedRows" INTEGER NOT NULL,
    "report" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "BatchOutput_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "BatchCurrent" (
    "endpointId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "outputId" UUID NOT NULL,
    "setBy" TEXT NOT NULL,
    "setAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "BatchCurrent_pkey" PRIMARY KEY ("endpointId","name")
);

-- CreateTable
CREATE TABLE "BatchSchedule" (
    "id" UUID NOT NULL,
    "endpointId" UUID NOT NULL,
    "cron" TEXT NOT NULL,
    "timeZone" TEXT NOT NULL,
    "source" JSONB NOT NULL,
    "mapping" JSONB NOT NULL,
    "idColumn" TEXT,
    "outputName" TEXT NOT NULL,
    "outputFormat" TEXT NOT NULL,
    "failureLimitBp" INTEGER NOT NULL,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "nextAt" TIMESTAMPTZ(3),
    "lastAt" TIMESTAMPTZ(3),
    "lastProblem" TEXT,
    "createdById" UUID NOT NULL,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "rowVersion" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "BatchSchedule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "BatchChange" (
    "id" UUID NOT NULL,
    "number" SERIAL NOT NULL,
    "endpointId" UUID NOT NULL,
    "fromVersionId" UUID NOT NULL,
    "toVersionId" UUID NOT NULL,
    "jobId" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "digest" TEXT,
    "approvals" JSONB NOT NULL DEFAULT '[]',
    "authorId" UUID NOT NULL,
    "authorName" TEXT NOT NULL,
    "reason" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decidedAt" TIMESTAMPTZ(3),
    "rowVersion" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "BatchChange_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "BatchJob_number_key" ON "BatchJob"("number");

-- CreateIndex
CREATE INDEX "BatchJob_endpointId_number_idx" ON "BatchJob"("endpointId", "number");

-- CreateIndex
CREATE INDEX "BatchJob_state_idx" ON "BatchJob"("state");

-- CreateIndex
CREATE INDEX "BatchPartition_state_leasedUntil_idx" ON "BatchPartition"("state", "leasedUntil");

-- CreateIndex
CREATE INDEX "BatchOutput_digest_idx" ON "BatchOutput"("digest");

-- CreateIndex
CREATE UNIQUE INDEX "BatchOutput_endpointId_name_version_key" ON "BatchOutput"("endpointId", "name", "version");

-- CreateIndex
CREATE INDEX "BatchSchedule_enabled_nextAt_idx" ON "BatchSchedule"("enabled", "nextAt");

-- CreateIndex
CREATE UNIQUE INDEX "BatchChange_number_key" ON "BatchChange"("number");

-- CreateIndex
CREATE INDEX "BatchChange_endpointId_number_idx" ON "BatchChange"("endpointId", "number");

-- CreateIndex
CREATE INDEX "BatchChange_state_idx" ON "BatchChange"("state");

-- AddForeignKey
ALTER TABLE "BatchJob" ADD CONSTRAINT "BatchJob_inputDigest_fkey" FOREIGN KEY ("inputDigest") REFERENCES "BatchInput"("digest") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "BatchPartition" ADD CONSTRAINT "BatchPartition_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "BatchJob"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "BatchOutput" ADD CONSTRAINT "BatchOutput_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "BatchJob"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AlterTable
ALTER TABLE "MetricWindow" ADD COLUMN     "binned" JSONB;

-- CreateTable
CREATE TABLE "MetricRollup" (
    "endpointId" UUID NOT NULL,
    "versionId" UUID NOT NULL,
    "arm" TEXT NOT NULL,
    "grainSeconds" INTEGER NOT NULL,
    "periodStart" TIMESTAMPTZ(3) NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "inputs" INTEGER NOT NULL,
    "requests" BIGINT NOT NULL,
    "errors" BIGINT NOT NULL,
    "refused" BIGINT NOT NULL,
    "labelsReceived" BIGINT NOT NULL,
    "labelsWrong" BIGINT NOT NULL,
    "p50Us" DOUBLE PRECISION,
    "p95Us" DOUBLE PRECISION,
    "p99Us" DOUBLE PRECISION,
    "valuesReceived" BIGINT NOT NULL,
    "valuesSum" DOUBLE PRECISION NOT NULL,
    "counts" JSONB NOT NULL,
    "binned" JSONB NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "MetricRollup_pkey" PRIMARY KEY ("endpointId","versionId","arm","grainSeconds","periodStart")
);

-- CreateTable
CREATE TABLE "RollupDue" (
    "grainSeconds" INTEGER NOT NULL,
    "periodStart" TIMESTAMPTZ(3) NOT NULL,
    "endpointId" UUID NOT NULL,
    "versionId" UUID NOT NULL,
    "arm" TEXT NOT NULL,
    "marks" INTEGER NOT NULL DEFAULT 1,
    "markedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "RollupDue_pkey" PRIMARY KEY ("grainSeconds","periodStart","endpointId","versionId","arm")
);

-- CreateTable
CREATE TABLE "MonitoringBaseline" (
    "id" UUID NOT NULL,
    "versionId" UUID NOT NULL,
    "endpointId" UUID,
    "deploymentId" UUID,
    "source" TEXT NOT NULL,
    "binsHash" TEXT NOT NULL,
    "rows" BIGINT NOT NULL,
    "features" JSONB NOT NULL,
    "outputs" JSONB NOT NULL,
    "notes" TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "MonitoringBaseline_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AlertRules" (
    "endpointId" UUID NOT NULL,
    "rules" JSONB NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedById" UUID NOT NULL,
    "rowVersion" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "AlertRules_pkey" PRIMARY KEY ("endpointId")
);

-- CreateTable
CREATE TABLE "MonitorState" (
    "endpointId" UUID NOT NULL,
    "versionId" UUID NOT NULL,
    "ruleKey" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "memory" JSONB NOT NULL,
    "value" DOUBLE PRECISION,
    "limit" DOUBLE PRECISION,
    "sentence" TEXT NOT NULL,
    "subjects" JSONB NOT NULL,
    "windowStart" TIMESTAMPTZ(3),
    "windowEnd" TIMESTAMPTZ(3),
    "evaluatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "MonitorState_pkey" PRIMARY KEY ("endpointId","versionId","ruleKey")
);

-- CreateTable
CREATE TABLE "DriftEvaluation" (
    "endpointId" UUID NOT NULL,
    "versionId" UUID NOT NULL,
    "windowEnd" TIMESTAMPTZ(3) NOT NULL,
    "windowStart" TIMESTAMPTZ(3) NOT NULL,
    "baselineId" UUID NOT NULL,
    "rows" BIGINT NOT NULL,
    "coverage" DOUBLE PRECISION,
    "report" JSONB NOT NULL,

    CONSTRAINT "DriftEvaluation_pkey" PRIMARY KEY ("endpointId","versionId","windowEnd")
);

-- CreateTable
CREATE TABLE "Alert" (
    "id" UUID NOT NULL,
    "number" SERIAL NOT NULL,
    "endpointId" UUID NOT NULL,
    "environmentId" UUID NOT NULL,
    "modelId" UUID NOT NULL,
    "versionId" UUID NOT NULL,
    "ruleKey" TEXT NOT NULL,
    "signalClass" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "sentence" TEXT NOT NULL,
    "value" DOUBLE PRECISION,
    "limit" DOUBLE PRECISION,
    "subjects" JSONB NOT NULL,
    "firedAt" TIMESTAMPTZ(3) NOT NULL,
    "refiredAt" TIMESTAMPTZ(3),
    "resolvedAt" TIMESTAMPTZ(3),
    "acknowledgedAt" TIMESTAMPTZ(3),
    "acknowledgedById" UUID,
    "acknowledgement" TEXT,
    "incidentId" UUID,
    "rowVersion" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "Alert_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AlertSilence" (
    "id" UUID NOT NULL,
    "endpointId" UUID NOT NULL,
    "ruleKey" TEXT,
    "reason" TEXT NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "createdById" UUID NOT NULL,
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "AlertSilence_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Channel" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "sealedAddress" BYTEA NOT NULL,
    "shownAddress" TEXT NOT NULL,
    "sealedSecret" BYTEA,
    "events" TEXT[],
    "environments" TEXT[],
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "disabledReason" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "createdById" UUID NOT NULL,
    "rowVersion" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "Channel_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "OutgoingCursor" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "seq" BIGINT NOT NULL,

    CONSTRAINT "OutgoingCursor_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Delivery" (
    "id" UUID NOT NULL,
    "channelId" UUID NOT NULL,
    "eventId" UUID NOT NULL,
    "eventType" TEXT NOT NULL,
    "event" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAttemptAt" TIMESTAMPTZ(3),
    "lastStatus" INTEGER,
    "lastProblem" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finishedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Delivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "DeliveryAttempt" (
    "deliveryId" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "status" INTEGER,
    "tookMs" INTEGER NOT NULL,
    "problem" TEXT,

    CONSTRAINT "DeliveryAttempt_pkey" PRIMARY KEY ("deliveryId","number")
);

-- CreateIndex
CREATE INDEX "MetricRollup_endpointId_grainSeconds_periodStart_idx" ON "MetricRollup"("endpointId", "grainSeconds", "periodStart");

-- CreateIndex
CREATE INDEX "MetricRollup_grainSeconds_periodStart_idx" ON "MetricRollup"("grainSeconds", "periodStart");

-- CreateIndex
CREATE UNIQUE INDEX "MonitoringBaseline_deploymentId_key" ON "MonitoringBaseline"("deploymentId");

-- CreateIndex
CREATE INDEX "MonitoringBaseline_versionId_createdAt_idx" ON "MonitoringBaseline"("versionId", "createdAt");

-- CreateIndex
CREATE INDEX "MonitoringBaseline_endpointId_versionId_idx" ON "MonitoringBaseline"("endpointId", "versionId");

-- CreateIndex
CREATE UNIQUE INDEX "Alert_number_key" ON "Alert"("number");

-- CreateIndex
CREATE INDEX "Alert_resolvedAt_firedAt_idx" ON "Alert"("resolvedAt", "firedAt");

-- CreateIndex
CREATE INDEX "Alert_endpointId_versionId_ruleKey_firedAt_idx" ON "Alert"("endpointId", "versionId", "ruleKey", "firedAt");

-- CreateIndex
CREATE INDEX "AlertSilence_endpointId_until_idx" ON "AlertSilence"("endpointId", "until");

-- CreateIndex
CREATE UNIQUE INDEX "Channel_name_key" ON "Channel"("name");

-- CreateIndex
CREATE INDEX "Delivery_state_nextAttemptAt_idx" ON "Delivery"("state", "nextAttemptAt");

-- CreateIndex
CREATE INDEX "Delivery_channelId_createdAt_idx" ON "Delivery"("channelId", "createdAt");

-- CreateTable
CREATE TABLE "Stream" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "endpointId" UUID NOT NULL,
    "inputTopic" TEXT NOT NULL,
    "outputTopic" TEXT NOT NULL,
    "deadLetterTopic" TEXT NOT NULL,
    "shadowTopic" TEXT,
    "groupId" TEXT NOT NULL,
    "maxInFlight" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "rollbackSeq" INTEGER NOT NULL DEFAULT 0,
    "rollbackTo" JSONB,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "rowVersion" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "Stream_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "StreamReport" (
    "streamId" UUID NOT NULL,
    "bootId" UUID NOT NULL,
    "runtime" TEXT NOT NULL,
    "body" JSONB NOT NULL,
    "reportedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "StreamReport_pkey" PRIMARY KEY ("streamId","bootId")
);

-- CreateTable
CREATE TABLE "ReplayPoint" (
    "streamId" UUID NOT NULL,
    "epoch" BIGINT NOT NULL,
    "partition" INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    "recordedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ReplayPoint_pkey" PRIMARY KEY ("streamId","epoch","partition")
);

-- CreateIndex
CREATE UNIQUE INDEX "Stream_name_key" ON "Stream"("name");

-- CreateIndex
CREATE UNIQUE INDEX "Stream_groupId_key" ON "Stream"("groupId");

-- CreateIndex
CREATE INDEX "Stream_endpointId_idx" ON "Stream"("endpointId");

-- CreateIndex
CREATE INDEX "StreamReport_streamId_reportedAt_idx" ON "StreamReport"("streamId", "reportedAt");

-- AddForeignKey
ALTER TABLE "StreamReport" ADD CONSTRAINT "StreamReport_streamId_fkey" FOREIGN KEY ("streamId") REFERENCES "Stream"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ReplayPoint" ADD CONSTRAINT "ReplayPoint_streamId_fkey" FOREIGN KEY ("streamId") REFERENCES "Stream"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

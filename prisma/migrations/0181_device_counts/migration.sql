-- CreateTable
CREATE TABLE "DeviceCounts" (
    "deviceId" UUID NOT NULL,
    "endpointId" UUID NOT NULL,
    "through" BIGINT NOT NULL,
    "receivedAt" TIMESTAMPTZ(3) NOT NULL,
    "lost" BIGINT NOT NULL DEFAULT 0,
    "undated" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "DeviceCounts_pkey" PRIMARY KEY ("deviceId")
);

-- CreateIndex
CREATE INDEX "DeviceCounts_endpointId_idx" ON "DeviceCounts"("endpointId");

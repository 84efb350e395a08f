-- CreateTable
CREATE TABLE "LoadTest" (
    "id" UUID NOT NULL,
    "number" SERIAL NOT NULL,
    "endpointId" UUID NOT NULL,
    "versionId" UUID NOT NULL,
    "settings" JSONB NOT NULL,
    "configuration" JSONB NOT NULL,
    "configurationDigest" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "createdById" UUID,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),
    "problem" TEXT,
    "report" JSONB,
    "rowVersion" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "LoadTest_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "LoadTestWork" (
    "loadTestId" UUID NOT NULL,
    "leaseToken" UUID,
    "bootId" UUID,
    "leasedUntil" TIMESTAMPTZ(3),
    "startedAt" TIMESTAMPTZ(3),
    "sent" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "LoadTestWork_pkey" PRIMARY KEY ("loadTestId")
);

-- CreateIndex
CREATE UNIQUE INDEX "LoadTest_number_key" ON "LoadTest"("number");

-- CreateIndex
CREATE INDEX "LoadTest_endpointId_number_idx" ON "LoadTest"("endpointId", "number");

-- CreateIndex
CREATE INDEX "LoadTest_state_idx" ON "LoadTest"("state");

-- AddForeignKey
ALTER TABLE "LoadTest" ADD CONSTRAINT "LoadTest_endpointId_fkey" FOREIGN KEY ("endpointId") REFERENCES "Endpoint"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LoadTest" ADD CONSTRAINT "LoadTest_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "Version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LoadTestWork" ADD CONSTRAINT "LoadTestWork_loadTestId_fkey" FOREIGN KEY ("loadTestId") REFERENCES "LoadTest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

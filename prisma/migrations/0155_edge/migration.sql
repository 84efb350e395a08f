-- CreateTable
CREATE TABLE "DeviceCode" (
    "id" UUID NOT NULL,
    "endpointId" UUID NOT NULL,
    "codeHash" TEXT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt" TIMESTAMPTZ(3),

    CONSTRAINT "DeviceCode_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Device" (
    "id" UUID NOT NULL,
    "endpointId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "publicKey" TEXT NOT NULL,
    "hardware" TEXT NOT NULL,
    "bucket" INTEGER NOT NULL,
    "enrolledAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Device_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "DeviceStanding" (
    "deviceId" UUID NOT NULL,
    "endpointId" UUID NOT NULL,
    "contactAt" TIMESTAMPTZ(3) NOT NULL,
    "reportSeq" BIGINT NOT NULL,
    "manifestNumber" INTEGER,
    "versionId" UUID,
    "triedNumber" INTEGER,
    "outcome" TEXT,
    "problem" TEXT,
    "slipwayVersion" TEXT NOT NULL,

    CONSTRAINT "DeviceStanding_pkey" PRIMARY KEY ("deviceId")
);

-- CreateTable
CREATE TABLE "DeviceManifest" (
    "id" UUID NOT NULL,
    "endpointId" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "versionId" UUID NOT NULL,
    "versionOrdinal" INTEGER NOT NULL,
    "floorOrdinal" INTEGER NOT NULL,
    "hardware" TEXT[],
    "ring" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "failureLimitBp" INTEGER NOT NULL,
    "authorId" UUID,
    "author" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "rowVersion" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "DeviceManifest_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "DeviceCode_codeHash_key" ON "DeviceCode"("codeHash");

-- CreateIndex
CREATE UNIQUE INDEX "Device_publicKey_key" ON "Device"("publicKey");

-- CreateIndex
CREATE UNIQUE INDEX "Device_endpointId_name_key" ON "Device"("endpointId", "name");

-- CreateIndex
CREATE INDEX "DeviceStanding_endpointId_triedNumber_idx" ON "DeviceStanding"("endpointId", "triedNumber");

-- CreateIndex
CREATE UNIQUE INDEX "DeviceManifest_endpointId_number_key" ON "DeviceManifest"("endpointId", "number");

-- CreateTable
CREATE TABLE "VersionScan" (
    "id" UUID NOT NULL,
    "versionId" UUID NOT NULL,
    "scannerVersion" TEXT NOT NULL,
    "cause" TEXT NOT NULL,
    "verdict" TEXT NOT NULL,
    "findings" JSONB NOT NULL,
    "newCodes" TEXT[],
    "scannedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "VersionScan_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "VersionSignature" (
    "id" UUID NOT NULL,
    "versionId" UUID NOT NULL,
    "keyId" TEXT NOT NULL,
    "publicKey" TEXT NOT NULL,
    "signature" TEXT NOT NULL,
    "addedById" UUID,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "VersionSignature_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "VersionScan_versionId_scannedAt_idx" ON "VersionScan"("versionId", "scannedAt");

-- CreateIndex
CREATE INDEX "VersionScan_scannerVersion_idx" ON "VersionScan"("scannerVersion");

-- CreateIndex
CREATE UNIQUE INDEX "VersionSignature_versionId_keyId_key" ON "VersionSignature"("versionId", "keyId");

-- CreateIndex
CREATE INDEX "Version_modelId_createdAt_idx" ON "Version"("modelId", "createdAt");

-- CreateIndex
CREATE INDEX "Version_parentId_idx" ON "Version"("parentId");

-- AddForeignKey
ALTER TABLE "VersionScan" ADD CONSTRAINT "VersionScan_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "Version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "VersionSignature" ADD CONSTRAINT "VersionSignature_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "Version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

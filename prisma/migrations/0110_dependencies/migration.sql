-- CreateTable
CREATE TABLE "VersionLock" (
    "versionId" UUID NOT NULL,
    "fileName" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "sizeBytes" INTEGER NOT NULL,
    "packages" JSONB NOT NULL,
    "elsewhere" TEXT[],

    CONSTRAINT "VersionLock_pkey" PRIMARY KEY ("versionId","fileName")
);

-- AddForeignKey
ALTER TABLE "VersionLock" ADD CONSTRAINT "VersionLock_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "Version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- CreateTable
CREATE TABLE "CardRevision" (
    "id" UUID NOT NULL,
    "versionId" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "sections" JSONB NOT NULL,
    "claims" JSONB NOT NULL DEFAULT '[]',
    "facts" JSONB,
    "digest" TEXT,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "publishedAt" TIMESTAMPTZ(3),
    "publishedBy" TEXT,
    "rowVersion" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "CardRevision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CardSignature" (
    "id" UUID NOT NULL,
    "revisionId" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "personId" TEXT NOT NULL,
    "signedName" TEXT NOT NULL,
    "meaning" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "signedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "voidedAt" TIMESTAMPTZ(3),
    "voidReason" TEXT,

    CONSTRAINT "CardSignature_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "CardRevision_versionId_number_key" ON "CardRevision"("versionId", "number");

-- CreateIndex
CREATE INDEX "CardSignature_revisionId_idx" ON "CardSignature"("revisionId");

-- AddForeignKey
ALTER TABLE "CardSignature" ADD CONSTRAINT "CardSignature_revisionId_fkey" FOREIGN KEY ("revisionId") REFERENCES "CardRevision"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- One draft of a version at a time, one published revision at a time.
CREATE UNIQUE INDEX "CardRevision_one_draft" ON "CardRevision" ("versionId") WHERE "state" = 'draft';
CREATE UNIQUE INDEX "CardRevision_one_published" ON "CardRevision" ("versionId") WHERE "state" = 'published';

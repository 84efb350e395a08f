-- CreateTable
CREATE TABLE "Target" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "environmentId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "managementUrl" TEXT,
    "timeoutMs" INTEGER NOT NULL,
    "sealedHeaders" BYTEA,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "rowVersion" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "Target_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "TargetBinding" (
    "id" UUID NOT NULL,
    "versionId" UUID NOT NULL,
    "targetId" UUID NOT NULL,
    "remoteModel" TEXT NOT NULL,
    "remoteVersion" TEXT,
    "mapping" JSONB,
    "boundBy" TEXT NOT NULL,
    "boundAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "readAt" TIMESTAMPTZ(3),
    "served" JSONB,
    "drift" TEXT NOT NULL DEFAULT 'unread',
    "driftProblem" TEXT,
    "driftSince" TIMESTAMPTZ(3),

    CONSTRAINT "TargetBinding_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Target_name_key" ON "Target"("name");

-- CreateIndex
CREATE UNIQUE INDEX "TargetBinding_versionId_key" ON "TargetBinding"("versionId");

-- CreateIndex
CREATE INDEX "TargetBinding_targetId_idx" ON "TargetBinding"("targetId");

-- AddForeignKey
ALTER TABLE "TargetBinding" ADD CONSTRAINT "TargetBinding_targetId_fkey" FOREIGN KEY ("targetId") REFERENCES "Target"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

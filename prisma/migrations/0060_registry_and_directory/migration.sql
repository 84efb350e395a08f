-- AlterTable
ALTER TABLE "ApiToken" ADD COLUMN     "allowedIps" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "User" ADD COLUMN     "externalId" TEXT,
ADD COLUMN     "kind" TEXT NOT NULL DEFAULT 'person';

-- CreateTable
CREATE TABLE "RegistryModel" (
    "modelId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "withdrawnAt" TIMESTAMPTZ(3),

    CONSTRAINT "RegistryModel_pkey" PRIMARY KEY ("modelId")
);

-- CreateTable
CREATE TABLE "RegistryEntry" (
    "id" UUID NOT NULL,
    "modelId" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "versionId" UUID,
    "status" TEXT NOT NULL DEFAULT 'READY',
    "statusMessage" TEXT,
    "source" TEXT,
    "runId" TEXT,
    "runLink" TEXT,
    "description" TEXT,
    "createdById" UUID,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "withdrawnAt" TIMESTAMPTZ(3),

    CONSTRAINT "RegistryEntry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RegistryTag" (
    "subjectId" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "RegistryTag_pkey" PRIMARY KEY ("subjectId","key")
);

-- CreateTable
CREATE TABLE "RegistryAlias" (
    "modelId" UUID NOT NULL,
    "alias" TEXT NOT NULL,
    "entryId" UUID NOT NULL,

    CONSTRAINT "RegistryAlias_pkey" PRIMARY KEY ("modelId","alias")
);

-- CreateTable
CREATE TABLE "TrackingExperiment" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "tags" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "TrackingExperiment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "TrackingRun" (
    "id" TEXT NOT NULL,
    "experimentId" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "startTimeMs" BIGINT NOT NULL,
    "endTimeMs" BIGINT,
    "userName" TEXT NOT NULL,
    "params" JSONB NOT NULL,
    "metrics" JSONB NOT NULL,
    "tags" JSONB NOT NULL,
    "createdById" UUID NOT NULL,

    CONSTRAINT "TrackingRun_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "TrackingModel" (
    "id" TEXT NOT NULL,
    "experimentId" INTEGER NOT NULL,
    "runId" TEXT,
    "name" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "modelType" TEXT,
    "params" JSONB NOT NULL,
    "tags" JSONB NOT NULL,
    "createdById" UUID NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "TrackingModel_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "TrackingArtifact" (
    "path" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "sizeBytes" BIGINT NOT NULL,
    "createdById" UUID NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "TrackingArtifact_pkey" PRIMARY KEY ("path")
);

-- CreateTable
CREATE TABLE "DirectoryGroup" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "externalId" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "DirectoryGroup_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "DirectoryMember" (
    "groupId" UUID NOT NULL,
    "userId" UUID NOT NULL,

    CONSTRAINT "DirectoryMember_pkey" PRIMARY KEY ("groupId","userId")
);

-- CreateIndex
CREATE UNIQUE INDEX "RegistryEntry_versionId_key" ON "RegistryEntry"("versionId");

-- CreateIndex
CREATE INDEX "RegistryEntry_runId_idx" ON "RegistryEntry"("runId");

-- CreateIndex
CREATE UNIQUE INDEX "RegistryEntry_modelId_number_key" ON "RegistryEntry"("modelId", "number");

-- CreateIndex
CREATE INDEX "RegistryTag_key_idx" ON "RegistryTag"("key");

-- CreateIndex
CREATE INDEX "RegistryAlias_entryId_idx" ON "RegistryAlias"("entryId");

-- CreateIndex
CREATE UNIQUE INDEX "TrackingExperiment_name_key" ON "TrackingExperiment"("name");

-- CreateIndex
CREATE INDEX "TrackingRun_experimentId_startTimeMs_idx" ON "TrackingRun"("experimentId", "startTimeMs");

-- CreateIndex
CREATE INDEX "TrackingModel_runId_idx" ON "TrackingModel"("runId");

-- CreateIndex
CREATE INDEX "TrackingArtifact_digest_idx" ON "TrackingArtifact"("digest");

-- CreateIndex
CREATE UNIQUE INDEX "DirectoryGroup_name_key" ON "DirectoryGroup"("name");

-- CreateIndex
CREATE INDEX "DirectoryMember_userId_idx" ON "DirectoryMember"("userId");

-- AddForeignKey
ALTER TABLE "RegistryModel" ADD CONSTRAINT "RegistryModel_modelId_fkey" FOREIGN KEY ("modelId") REFERENCES "Model"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RegistryEntry" ADD CONSTRAINT "RegistryEntry_modelId_fkey" FOREIGN KEY ("modelId") REFERENCES "RegistryModel"("modelId") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RegistryEntry" ADD CONSTRAINT "RegistryEntry_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "Version"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RegistryAlias" ADD CONSTRAINT "RegistryAlias_modelId_fkey" FOREIGN KEY ("modelId") REFERENCES "RegistryModel"("modelId") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RegistryAlias" ADD CONSTRAINT "RegistryAlias_entryId_fkey" FOREIGN KEY ("entryId") REFERENCES "RegistryEntry"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TrackingRun" ADD CONSTRAINT "TrackingRun_experimentId_fkey" FOREIGN KEY ("experimentId") REFERENCES "TrackingExperiment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TrackingModel" ADD CONSTRAINT "TrackingModel_experimentId_fkey" FOREIGN KEY ("experimentId") REFERENCES "TrackingExperiment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DirectoryMember" ADD CONSTRAINT "DirectoryMember_groupId_fkey" FOREIGN KEY ("groupId") REFERENCES "DirectoryGroup"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DirectoryMember" ADD CONSTRAINT "DirectoryMember_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- One live model of a name; a withdrawn one leaves its name free.
CREATE UNIQUE INDEX "RegistryModel_name_live" ON "RegistryModel"("name") WHERE "withdrawnAt" IS NULL;


-- Every model and every version has its name and number for MLflow from the moment it exists, whichever way it came in.
CREATE FUNCTION public.registry_name_model() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO "RegistryModel" ("modelId", "name")
  VALUES (NEW."id", CASE WHEN EXISTS (SELECT 1 FROM "RegistryModel" r WHERE r."name" = NEW."name" AND r."withdrawnAt" IS NULL)
    THEN NEW."name" || '-' || left(NEW."id"::text, 8) ELSE NEW."name" END);
  RETURN NULL;
END $$;

CREATE FUNCTION public.registry_number_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM "RegistryModel" r WHERE r."modelId" = NEW."modelId" FOR UPDATE;
  INSERT INTO "RegistryEntry" ("id", "modelId", "number", "versionId", "createdById")
  SELECT NEW."id", NEW."modelId", 1 + coalesce(max(e."number"), 0), NEW."id", NEW."authorId"
  FROM "RegistryEntry" e WHERE e."modelId" = NEW."modelId";
  RETURN NULL;
END $$;

INSERT INTO "RegistryModel" ("modelId", "name", "createdAt", "updatedAt") SELECT "id", "name", "createdAt", "createdAt" FROM "Model";
INSERT INTO "RegistryEntry" ("id", "modelId", "number", "versionId", "createdById", "createdAt", "updatedAt")
SELECT "id", "modelId", row_number() OVER (PARTITION BY "modelId" ORDER BY "createdAt", "id"), "id", "authorId", "createdAt", "createdAt" FROM "Version";

CREATE TRIGGER registry_name_model AFTER INSERT ON "Model" FOR EACH ROW EXECUTE FUNCTION public.registry_name_model();
CREATE TRIGGER registry_number_version AFTER INSERT ON "Version" FOR EACH ROW EXECUTE FUNCTION public.registry_number_version();

-- The experiment that clients log to when they name none.
INSERT INTO "TrackingExperiment" ("id", "name", "tags") VALUES (0, 'Default', '[]');

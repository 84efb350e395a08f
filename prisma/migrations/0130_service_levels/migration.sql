-- CreateTable
CREATE TABLE "ServiceLevel" (
    "endpointId" UUID NOT NULL,
    "objectives" JSONB,
    "scaling" JSONB,
    "prices" JSONB,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedBy" TEXT NOT NULL,
    "rowVersion" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "ServiceLevel_pkey" PRIMARY KEY ("endpointId")
);

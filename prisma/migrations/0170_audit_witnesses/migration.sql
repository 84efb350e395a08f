-- CreateTable
CREATE TABLE "AuditWitness" (
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "place" TEXT NOT NULL,
    "deliveredSize" BIGINT NOT NULL,
    "deliveredAt" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "lastProblem" TEXT,
    "retryAt" TIMESTAMPTZ(3),
    "claimedUntil" TIMESTAMPTZ(3),
    "askedAt" TIMESTAMPTZ(3),
    "verdict" TEXT,
    "heldSize" BIGINT,
    "message" TEXT,

    CONSTRAINT "AuditWitness_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "AuditWitnessDelivery" (
    "id" UUID NOT NULL,
    "witness" TEXT NOT NULL,
    "size" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "tookMs" INTEGER NOT NULL,
    "problem" TEXT,

    CONSTRAINT "AuditWitnessDelivery_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "AuditWitnessDelivery_witness_at_idx" ON "AuditWitnessDelivery"("witness", "at");

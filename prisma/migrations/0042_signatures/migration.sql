-- AlterTable
ALTER TABLE "Approval" ADD COLUMN     "method" TEXT NOT NULL DEFAULT 'session',
ADD COLUMN     "onBehalfOf" TEXT;

-- CreateTable
CREATE TABLE "StepUpGrant" (
    "id" UUID NOT NULL,
    "userId" UUID NOT NULL,
    "sessionId" UUID NOT NULL,
    "action" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "method" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt" TIMESTAMPTZ(3),

    CONSTRAINT "StepUpGrant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SigningRules" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "part11" BOOLEAN NOT NULL DEFAULT false,
    "smallTeam" BOOLEAN NOT NULL DEFAULT false,
    "changedBy" TEXT,
    "changedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "SigningRules_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Delegation" (
    "id" UUID NOT NULL,
    "fromUserId" UUID NOT NULL,
    "toUserId" UUID NOT NULL,
    "role" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "startsAt" TIMESTAMPTZ(3) NOT NULL,
    "endsAt" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revokedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Delegation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ChallengeEntry" (
    "id" UUID NOT NULL,
    "releaseId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "replyToId" UUID,
    "text" TEXT NOT NULL,
    "by" TEXT NOT NULL,
    "personId" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ChallengeEntry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "BreakGlass" (
    "id" UUID NOT NULL,
    "releaseId" UUID NOT NULL,
    "reason" TEXT NOT NULL,
    "askedById" UUID NOT NULL,
    "askedByPersonId" TEXT NOT NULL,
    "askedByName" TEXT NOT NULL,
    "askedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "secondPersonId" TEXT,
    "secondName" TEXT,
    "usedAt" TIMESTAMPTZ(3),
    "reviewDueAt" TIMESTAMPTZ(3),
    "reviewedAt" TIMESTAMPTZ(3),
    "reviewedBy" TEXT,
    "review" TEXT,
    "incidentId" UUID,

    CONSTRAINT "BreakGlass_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "StepUpGrant_userId_createdAt_idx" ON "StepUpGrant"("userId", "createdAt");

-- CreateIndex
CREATE INDEX "Delegation_toUserId_endsAt_idx" ON "Delegation"("toUserId", "endsAt");

-- CreateIndex
CREATE INDEX "ChallengeEntry_releaseId_at_idx" ON "ChallengeEntry"("releaseId", "at");

-- CreateIndex
CREATE INDEX "BreakGlass_releaseId_idx" ON "BreakGlass"("releaseId");

-- CreateIndex
CREATE INDEX "BreakGlass_reviewDueAt_idx" ON "BreakGlass"("reviewDueAt");

CREATE TRIGGER record_no_change BEFORE UPDATE OR DELETE ON public."ChallengeEntry" FOR EACH ROW EXECUTE FUNCTION public.record_refuse_change();
ALTER TABLE "SigningRules" ADD CONSTRAINT signing_rules_is_one_row CHECK ("id" = 1);
INSERT INTO "SigningRules" ("id") VALUES (1);

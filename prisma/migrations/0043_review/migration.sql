-- CreateTable
CREATE TABLE "WorkPaper" (
    "id" UUID NOT NULL,
    "number" SERIAL NOT NULL,
    "title" TEXT NOT NULL,
    "statement" TEXT NOT NULL,
    "filter" JSONB NOT NULL,
    "treeSize" BIGINT NOT NULL,
    "population" INTEGER NOT NULL,
    "seed" TEXT NOT NULL,
    "items" BIGINT[],
    "attributes" TEXT[],
    "drawnBy" TEXT NOT NULL,
    "drawnById" TEXT NOT NULL,
    "drawnAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "WorkPaper_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "WorkPaperResult" (
    "id" UUID NOT NULL,
    "workPaperId" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "attribute" TEXT NOT NULL,
    "held" BOOLEAN NOT NULL,
    "note" TEXT NOT NULL,
    "by" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "WorkPaperResult_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Finding" (
    "id" UUID NOT NULL,
    "number" SERIAL NOT NULL,
    "workPaperId" UUID,
    "seq" BIGINT,
    "title" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "raisedBy" TEXT NOT NULL,
    "raisedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "answer" TEXT,
    "closedBy" TEXT,
    "closedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Finding_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "WorkPaper_number_key" ON "WorkPaper"("number");

-- CreateIndex
CREATE INDEX "WorkPaperResult_workPaperId_seq_idx" ON "WorkPaperResult"("workPaperId", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "Finding_number_key" ON "Finding"("number");

-- CreateIndex
CREATE INDEX "Finding_state_idx" ON "Finding"("state");

-- AddForeignKey
ALTER TABLE "WorkPaperResult" ADD CONSTRAINT "WorkPaperResult_workPaperId_fkey" FOREIGN KEY ("workPaperId") REFERENCES "WorkPaper"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Finding" ADD CONSTRAINT "Finding_workPaperId_fkey" FOREIGN KEY ("workPaperId") REFERENCES "WorkPaper"("id") ON DELETE SET NULL ON UPDATE CASCADE;

CREATE TRIGGER record_no_change BEFORE UPDATE OR DELETE ON public."WorkPaper" FOR EACH ROW EXECUTE FUNCTION public.record_refuse_change();
CREATE TRIGGER record_no_change BEFORE UPDATE OR DELETE ON public."WorkPaperResult" FOR EACH ROW EXECUTE FUNCTION public.record_refuse_change();

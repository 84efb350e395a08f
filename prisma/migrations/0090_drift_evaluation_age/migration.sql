-- CreateIndex
CREATE INDEX "DriftEvaluation_windowEnd_idx" ON "DriftEvaluation"("windowEnd");

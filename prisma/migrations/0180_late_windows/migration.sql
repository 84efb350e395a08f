-- AlterTable
ALTER TABLE "MetricWindow" ADD COLUMN     "late" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "Runtime" ADD COLUMN     "quietSince" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "Target" ADD COLUMN     "isIsolated" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "Version" ADD COLUMN     "quarantineLifts" INTEGER NOT NULL DEFAULT 0;

-- DropTable
DROP TABLE "RuntimeFinding";

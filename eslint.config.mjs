import tanstackQuery from "@tanstack/eslint-plugin-query";
import playwright from "eslint-plugin-playwright";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** One linter, errors only. Type-aware, because floating promises and missing switch cases are the bugs that hurt here. */
export default tseslint.config(
  {
    ignores: [
      "**/.next*/**", "node_modules/**", ".slipway*/**", "lib/server/db/generated/**", "next-env.d.ts",
      "public/**", "dist/**", "lib/layers.fixture/**", "coverage/**", "examples/**/*.py",
    ],
  },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/only-throw-error": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "no-console": "error",
      eqeqeq: "error",
      "no-eval": "error",
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      complexity: ["error", 20],
    },
  },
  { files: ["**/*.test.{ts,tsx}", "e2e/**/*.ts", "bench/**/*.ts"], rules: { "@typescript-eslint/no-non-null-assertion": "off", "max-lines": ["error", 600] } },
  { files: ["cli/**/*.ts", "scripts/**/*.ts", "bench/**/*.ts", "prisma/**/*.ts"], rules: { "no-console": "off" } },
  {
    files: ["{app,components,lib}/**/*.{ts,tsx}"],
    plugins: { "react-hooks": reactHooks, "@tanstack/query": tanstackQuery },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "@tanstack/query/exhaustive-deps": "error",
      "@tanstack/query/no-rest-destructuring": "error",
    },
  },
  { files: ["e2e/**/*.ts"], ...playwright.configs["flat/recommended"], rules: { "playwright/no-wait-for-timeout": "error", "playwright/no-focused-test": "error", "playwright/no-skipped-test": "error" } },
);

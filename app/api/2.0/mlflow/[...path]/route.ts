import { mlflowRoute } from "#lib/api/mlflow/mlflow-route.ts";

const handle = mlflowRoute("registry");
export { handle as GET, handle as POST, handle as PATCH, handle as DELETE };

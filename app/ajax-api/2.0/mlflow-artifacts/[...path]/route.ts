import { mlflowRoute } from "#lib/api/mlflow/mlflow-route.ts";

const handle = mlflowRoute("artifacts");
export { handle as GET, handle as PUT, handle as POST, handle as DELETE };

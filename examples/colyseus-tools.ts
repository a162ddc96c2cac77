import express from "express";

/**
 * Colyseus's monitor at `/monitor` and its playground at `/playground`: they show every room to
 * whoever asks and let anybody call its methods, so they refuse to be in production.
 */
export async function colyseusTools(): Promise<express.Router> {
  if (process.env["NODE_ENV"] === "production") {
    throw new Error("Colyseus's monitor and playground are for development only");
  }
  const [{ monitor }, { playground }] = await Promise.all([
    import("@colyseus/monitor"),
    import("@colyseus/playground"),
  ]);
  const tools = express.Router();
  tools.use(["/monitor", "/playground"], (request, response, next) => {
    // A page of another site may not use them through its visitor's browser.
    if (request.get("Sec-Fetch-Site") === "cross-site") response.status(403).end();
    else next();
  });
  tools.use("/monitor", monitor());
  tools.use("/playground", playground());
  return tools;
}

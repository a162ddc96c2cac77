import { Client } from "colyseus.js";
import { digestOf, type ClientReport } from "./stock-client-process.ts";

// The program behind `StockClientProcess`. Arguments: the server's address and a room's name.
const [, , url = "", roomName = ""] = process.argv;

const room = await new Client(url).joinOrCreate(roomName);
let stateChanges = 0;
room.onStateChange(() => {
  stateChanges += 1;
});
process.on("message", (name: keyof ClientReport) => {
  process.send?.(name === "digest" ? digestOf(room.state) : stateChanges);
});
process.once("disconnect", () => process.exit());
process.send?.("joined");

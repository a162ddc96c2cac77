import { MiniPlace } from "./mini-place/server.ts";
import { SyncedProgressBar } from "./synced-progress-bar/server.ts";

/** Every room of the gallery, by the name that its page joins. */
export const rooms = {
  "mini-place": MiniPlace,
  "synced-progress-bar": SyncedProgressBar,
};

/** What the gallery's pages know about its server. */
export interface Gallery {
  readonly "~rooms": typeof rooms;
}

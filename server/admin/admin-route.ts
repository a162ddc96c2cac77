import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../shared/clock.ts";
import { SyncError } from "../../shared/errors.ts";
import { pathOf } from "../http/path-of.ts";
import { sendJson } from "../http/send-json.ts";
import { sendRefusal } from "../http/send-refusal.ts";
import type { Logger } from "../logger.ts";
import type { Meter } from "../metrics/meter.ts";
import type { AdminAccess } from "./admin-access.ts";
import type { BanList } from "./ban-list.ts";
import { readBan } from "./ban-request.ts";
import type { RoomAdmin } from "./room-admin.ts";

const ROOT = "/api/admin";

export interface AdminRouteOptions {
  readonly access: AdminAccess;
  readonly rooms: RoomAdmin;
  readonly bans: BanList;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** One thing that may be done: its method, its path, and how. Returns what is answered. */
interface Action {
  readonly method: string;
  readonly path: RegExp;
  run(target: string, request: IncomingMessage, who: string): unknown;
}

/**
 * What an operator may do over HTTP, for moderators and holders of a key alone; docs/operating.md
 * lists it. Whoever is neither learns nothing, not even which paths there are.
 */
export class AdminRoute {
  readonly #options: AdminRouteOptions;
  readonly #actions: readonly Action[];

  constructor(options: AdminRouteOptions) {
    this.#options = options;
    this.#actions = this.#makeActions();
  }

  /** Answers the request if it is for an operator; false: it is somebody else's. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const path = pathOf(request);
    if (path !== ROOT && !path.startsWith(`${ROOT}/`)) return false;
    this.#perform(path.slice(ROOT.length), request).then(
      (answer) => sendJson(response, 200, answer),
      (error: unknown) => sendRefusal(response, error, "an admin request", this.#options),
    );
    return true;
  }

  async #perform(path: string, request: IncomingMessage): Promise<unknown> {
    const who = await this.#options.access.check(request);
    const there = this.#actions.filter((action) => action.path.test(path));
    const action = there.find(({ method }) => method === request.method);
    if (action === undefined) {
      if (there.length === 0) throw new SyncError("not-found", "there is no such path");
      throw new SyncError("options-invalid", `${request.method} cannot be done here`);
    }
    const target = decode(action.path.exec(path)?.[1] ?? "");
    return action.run(target, request, who);
  }

  #makeActions(): Action[] {
    const { rooms, bans, clock } = this.#options;
    return [
      { method: "GET", path: /^\/rooms$/, run: () => ({ rooms: rooms.list() }) },
      { method: "GET", path: /^\/rooms\/([^/]+)$/, run: (roomId) => rooms.describe(roomId) },
      {
        method: "DELETE",
        path: /^\/rooms\/([^/]+)$/,
        run: (roomId, _request, who) => {
          rooms.close(roomId);
          return this.#note(`${who} closed room ${JSON.stringify(roomId)}`, {});
        },
      },
      {
        method: "DELETE",
        path: /^\/sessions\/([^/]+)$/,
        run: (sessionId, _request, who) => {
          rooms.kick(sessionId);
          return this.#note(`${who} kicked session ${JSON.stringify(sessionId)}`, {});
        },
      },
      { method: "GET", path: /^\/bans$/, run: () => ({ bans: bans.list() }) },
      {
        method: "PUT",
        path: /^\/bans\/([^/]+)$/,
        run: async (userId, request, who) => {
          const ban = await readBan(request, userId, clock);
          // Cut also when it could not be written down: it counts in this process all the same.
          const written = bans.add(ban);
          const cutSessions = rooms.cutUser(userId);
          await written;
          return this.#note(`${who} banned user ${JSON.stringify(userId)}`, { ban, cutSessions });
        },
      },
      {
        method: "DELETE",
        path: /^\/bans\/([^/]+)$/,
        run: async (userId, _request, who) => {
          const wasBanned = await bans.remove(userId);
          if (!wasBanned) throw new SyncError("not-found", "there is no such ban");
          return this.#note(`${who} unbanned user ${JSON.stringify(userId)}`, {});
        },
      },
    ];
  }

  #note<Answer>(what: string, answer: Answer): Answer {
    this.#options.logger.info(`admin: ${what}`);
    return answer;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new SyncError("options-invalid", "the path is not percent-encoded", { cause });
  }
}

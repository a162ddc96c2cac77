/** Every size, rate and timeout of the framework, with its unit in its name. */

/** Ticks of a room that does not say otherwise; Colyseus's own default patch rate. */
export const DEFAULT_TICKS_PER_SECOND = 20;
export const MAX_TICKS_PER_SECOND = 240;

/** The largest frame the server reads: 1 MB of JSON (the seeds' limit) and its envelope. */
export const MAX_INBOUND_FRAME_BYTES = 1_048_576 + 65_536;
/** A room intent, unless its room says more: every stock Colyseus message fits. */
export const MAX_INTENT_BYTES = 4_096;
/** Frames from one connection before it is closed as a flood: so many a second … */
export const MAX_FRAMES_PER_SECOND = 200;
/** … and ten seconds' worth at once: what a peer that is still alive can have held back. */
export const MAX_FRAME_BURST = 2_000;
export const MAX_FRAME_BYTES_PER_SECOND = 8 * 1_048_576;
export const MAX_FRAME_BYTES_BURST = 64 * 1_048_576;
/** What may wait in the server for a client that does not read: one frame more than that, alone. */
export const MAX_QUEUED_BYTES = 1_048_576;
/** The server asks each peer for a sign of life this often … */
export const PING_INTERVAL_MS = 3_000;
/** … and cuts who gave none between as many of its looks in a row: found dead within 9 s. */
export const MAX_MISSED_PINGS = 2;
/** How long a peer may take to answer a close before its connection is cut. */
export const CLOSE_TIMEOUT_MS = 5_000;
/** From here on a client gets no more patches, but one full state when it has caught up. */
export const MAX_QUEUED_PATCH_BYTES = 262_144;
export const MAX_INTENT_ID_LENGTH = 64;
/** How deep join options and messages may be nested, before any code looks at them … */
export const MAX_INPUT_DEPTH = 32;
/** … and of how many objects, lists and names they may be made. */
export const MAX_INPUT_PARTS = 10_000;

export const MAX_NAME_LENGTH = 32;
/** Body of a matchmaking request: join options are small. */
export const MAX_MATCHMAKE_BODY_BYTES = 16_384;

/** How long a dropped client's seat waits for it. */
export const SEAT_GRACE_SECONDS = 20;
/**
 * The same behind a restart: clients found nobody for as long as it took, and the next attempt
 * of one may be half a minute away.
 */
export const RESTORED_SEAT_GRACE_SECONDS = 60;
/** How many seats a page that is to be replaced leaves to the newer one, in each tab. */
export const MAX_KEPT_SEATS = 20;

/** A token longer than this is refused unread; a request has room for 16 KiB of headers. */
export const MAX_TOKEN_LENGTH = 8_192;
/** How long a connection outlives its token, for the client to show a newer one. */
export const TOKEN_GRACE_MS = 10_000;

export const REQUEST_TIMEOUT_MS = 10_000;
export const RECONNECT_BASE_DELAY_MS = 1_000;
export const RECONNECT_MAX_DELAY_MS = 30_000;
/** A server that announced its restart is expected back within this time … */
export const ANNOUNCED_RETURN_MS = 10_000;
/** … during which each client asks once in this time. */
export const ANNOUNCED_SLOT_MS = 1_500;
/** A connection that lived this long has proved itself: the next loss starts from the base. */
export const RECONNECT_STABLE_MS = 10_000;
/** How long the client waits for each step of a join: the seat, the handshake, the state. */
export const JOIN_STEP_TIMEOUT_MS = 10_000;
/** How long `leave()` waits for the server to close before it closes by itself. */
export const LEAVE_TIMEOUT_MS = 2_000;
/** A dead peer is found within 10 s: a ping this often, and after this much silence … */
export const HEARTBEAT_INTERVAL_MS = 4_000;
/** … and the connection is given up when nothing arrived for this long. */
export const HEARTBEAT_TIMEOUT_MS = 9_000;
/** What our client sends at most: what comes back after a loss must not look like a flood. */
export const MAX_REQUESTS_PER_SECOND = 150;
/** Intents sent while away that wait for the connection to return. */
export const MAX_OUTBOX_MESSAGES = 100;
export const MAX_OUTBOX_AGE_MS = 30_000;

/** Checks of its state, and full states, that one user may ask of a room … */
export const MAX_STATE_CHECKS = 10;
/** … within this time. */
export const STATE_CHECK_WINDOW_MS = 10_000;
/** What the checks of one tick may take before those that are left wait for another … */
export const MAX_STATE_CHECK_MS = 5;
/** … which comes after this many times what they took: a tenth of a room's time at most. */
export const STATE_CHECK_REST_FACTOR = 9;

/** Grid edges and colours: what one byte a cell and a 24-bit cell index can hold. */
export const MAX_GRID_EDGE = 4_096;
export const MAX_GRID_COLORS = 256;
export const MIN_GRID_COLORS = 2;
/** The largest board whose full state is deflated in the tick itself; it takes about 2 ms. */
export const MAX_DEFLATED_GRID_CELLS = 65_536;

export const MAX_TOPIC_LENGTH = 128;
/** A payload's JSON, in UTF-8 bytes: the seeds' 1 MB. */
export const MAX_PAYLOAD_BYTES = 1_048_576;
export const MAX_JSON_DEPTH = 64;
/**
 * What each object, list and name of a payload counts for at least, in bytes: a megabyte of short
 * ones takes a hundred times as long to read as a megabyte of text.
 */
export const JSON_PART_BYTES = 64;
export const MAX_EVENT_LENGTH = 128;
export const MAX_PUBLICATION_ID_LENGTH = 64;

/** What a topic keeps for those who were away: the least of the three … */
export const MAX_WINDOW_PUBLICATIONS = 1_000;
export const MAX_WINDOW_AGE_MS = 120_000;
export const MAX_WINDOW_BYTES = 8 * 1_048_576;
/** What all topics of a process keep together, their stamps and so on included. */
export const MAX_WINDOWS_BYTES = 256 * 1_048_576;
/** What one answer replays at most, unless a single publication is larger. */
export const MAX_REPLAY_BYTES = 262_144;
/** … and how long a topic that nobody uses is remembered at all. */
export const IDLE_TOPIC_MS = MAX_WINDOW_AGE_MS;
/** Topics that nobody uses of which it is remembered where they stood. */
export const MAX_LEFT_TOPICS = 10_000;

export const DEFAULT_HISTORY_LIMIT = 50;
export const MAX_HISTORY_LIMIT = 200;
/** Persisted messages of one topic that are kept, and for how long. */
export const MAX_STORED_MESSAGES = 10_000;
export const MAX_STORED_AGE_MS = 30 * 24 * 3_600_000;
/** Expired messages are deleted this often, and so many at once, while others wait. */
export const STORE_SWEEP_INTERVAL_MS = 3_600_000;
export const MAX_SWEPT_ROWS = 1_000;
/** What one transaction writes at most before other work has its turn: about 10 ms. */
export const MAX_COMMIT_BYTES = 1_048_576;
/** How long writes wait for another process that is writing to the same file. */
export const STORE_BUSY_TIMEOUT_MS = 5_000;
export const STORE_BUSY_RETRY_MS = 5;
/** After so many bytes a store's worker moves what was written from its log into its file … */
export const STORE_CHECKPOINT_BYTES = 4 * 1_048_576;
/** … and the main thread does it itself when the log has grown to so many pages of 4 KiB. */
export const STORE_AUTO_CHECKPOINT_PAGES = 8_192;
/** What a store's worker leaves between two of its transactions, at least, to others. */
export const STORE_WORKER_PAUSE_MS = 2;

/** How long a member whose connection was lost still counts as present. */
export const PRESENCE_GRACE_MS = 10_000;
/** At most this often does one session's presence change for others. */
export const PRESENCE_INTERVAL_MS = 100;
export const MAX_PRESENCE_BYTES = 4_096;

/** Channels that one connection may be on. */
export const MAX_SUBSCRIPTIONS_PER_SESSION = 256;
/**
 * What one connection may do on channels, in the long run and at once after a rest. A rejoin
 * subscribes to everything, and publishes what has waited, in one go.
 */
export const SESSION_RATES = {
  publications: { perSecond: 100, burst: 200 },
  publicationBytes: { perSecond: 1_048_576, burst: 16 * 1_048_576 },
  operations: { perSecond: 100, burst: 600 },
  historyReads: { perSecond: 10, burst: 50 },
  replayBytes: { perSecond: 4 * 1_048_576, burst: 64 * 1_048_576 },
} as const;
/** The same for one user, over all connections. */
export const USER_RATES = {
  publications: { perSecond: 200, burst: 400 },
  publicationBytes: { perSecond: 2 * 1_048_576, burst: 32 * 1_048_576 },
  operations: { perSecond: 300, burst: 1_800 },
  historyReads: { perSecond: 20, burst: 100 },
  replayBytes: { perSecond: 8 * 1_048_576, burst: 128 * 1_048_576 },
} as const;
/**
 * Frames of whatever kind that one user, and one address, may send over all their connections;
 * beyond it the connection that sent one more is closed. A user has a few tabs. An address may
 * be a school: 2,000 pupils who each send 20 inputs a second are not half of what it may.
 */
export const USER_FRAME_RATES = {
  frames: { perSecond: 600, burst: 6_000 },
  frameBytes: { perSecond: 16 * 1_048_576, burst: 128 * 1_048_576 },
} as const;
export const ADDRESS_FRAME_RATES = {
  frames: { perSecond: 100_000, burst: 1_000_000 },
  frameBytes: { perSecond: 256 * 1_048_576, burst: 2_048 * 1_048_576 },
} as const;
/** Seats that one user may ask for: every tab of a browser at once, and then one now and then. */
export const USER_JOINS = { perSecond: 5, burst: 100 } as const;
/** Seats of one user that were reserved and are not taken yet, so that none fills a room alone. */
export const MAX_UNTAKEN_SEATS_PER_USER = 20;
/**
 * Connections that wait to be accepted, as far as the system lets them (Linux: 4,096). Node's 511
 * are less than come back at once when a network fails: the others would be kept out for 1, 3, 7 …
 * seconds by TCP itself.
 */
export const LISTEN_BACKLOG = 4_096;
/** Connections from one address: 2,000 pupils behind one, in two tabs each. */
export const MAX_CONNECTIONS_PER_ADDRESS = 5_000;
/** Seats that one address may ask for: all of those pupils at once, after a restart. */
export const ADDRESS_JOINS = { perSecond: 100, burst: 5_000 } as const;
/**
 * Tokens, keys and seats from one address that turned out wrong: once for each of those pupils,
 * whose tokens may all have expired over night. What is guessed has 128 bits and more.
 */
export const ADDRESS_FAILURES = { perSecond: 10, burst: 2_000 } as const;
/** Users or addresses that are counted at the same time; of more the oldest is forgotten. */
export const MAX_COUNTED_KEYS = 100_000;
/** What a connection may take to become a member, and a request to arrive. */
export const JOIN_TIMEOUT_MS = 5_000;
/** How long a reserved seat waits to be taken: a crowd may queue for a busy server. */
export const UNTAKEN_SEAT_SECONDS = 10;
/** Requests of any length to the application's own pages. */
export const HTTP_REQUEST_TIMEOUT_MS = 60_000;
/** How often Node looks for connections that took too long. */
export const HTTP_CHECK_INTERVAL_MS = 1_000;
/** How long a channel counts as in use after a publication that nobody was there to hear. */
export const CHANNEL_HOLD_MS = 10_000;
/** What an application on Devvit may take, all its users together. */
export const DEVVIT_PUBLICATIONS_PER_SECOND = 100;
export const DEVVIT_CHANNELS = 5;
export const DEVVIT_PAYLOAD_BYTES = 1_048_576;
/** How long `subscribe()` waits before it reports TIMED_OUT. */
export const SUBSCRIBE_TIMEOUT_MS = 10_000;

/** How long an applied intent is remembered: longer than any client repeats it. */
export const INTENT_MEMORY_MS = 600_000;
/** The largest reply that is kept with it; a repeat of a longer one is told yes, no more. */
export const MAX_KEPT_REPLY_BYTES = 1_024;
/** Records of a room, and their bytes, after which they are made into one. */
export const COMPACT_AFTER_RECORDS = 1_000;
export const COMPACT_AFTER_BYTES = 1_048_576;
/** How long a durable room belongs to its owner after the last time that this was renewed. */
export const ROOM_LEASE_MS = 15_000;
export const ROOM_LEASE_RENEWAL_MS = 5_000;
/** A room whose ticks could not be saved tries to save itself whole no less often than this. */
export const ROOM_SAVE_MAX_DELAY_MS = 5_000;
/** Entries of one room's audit log that are kept, for as long as messages are. */
export const MAX_AUDIT_ENTRIES = 100_000;
/** What a snapshot is written in, so that ticks of other rooms come between. */
export const MAX_SNAPSHOT_CHUNK_BYTES = 262_144;

/** A shutdown waits so long for rooms to end by themselves, then as long as a close may take … */
export const DRAIN_MS = 15_000;
/** … and so long for each of the parts that are closed after them. */
export const SHUTDOWN_STEP_MS = 2_000;
/** A process that was told to end does so after this time, whatever is left. */
export const SHUTDOWN_MS = 30_000;
/** How often the store is tried at most when somebody asks whether the server is ready … */
export const STORE_PROBE_INTERVAL_MS = 1_000;
/** … and how long it may take to answer. */
export const STORE_PROBE_TIMEOUT_MS = 2_000;
/** Users that may be banned at the same time, and the body of a request that says so. */
export const MAX_BANS = 10_000;
export const MAX_USER_ID_LENGTH = 256;
export const MAX_BAN_REASON_LENGTH = 200;
export const MAX_ADMIN_BODY_BYTES = 4_096;
/** A logged text is cut here. */
export const MAX_LOGGED_LENGTH = 8_192;

/** How long a component may be gone, as when it is mounted anew, and nobody else notices. */
export const UNMOUNT_GRACE_MS = 1_000;
/** How long changes of what a component shows become one render: those of a frame. */
export const RENDER_INTERVAL_MS = 16;
/** Messages of one topic that a page keeps to be shown. */
export const MAX_SHOWN_MESSAGES = 500;

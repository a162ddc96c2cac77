/** Runs `action` and returns the errors that nobody caught meanwhile, which end no test. */
export async function takeUncaught(action: () => Promise<void>): Promise<unknown[]> {
  const ours = process.listeners("uncaughtException");
  const uncaught: unknown[] = [];
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => uncaught.push(error));
  try {
    await action();
    // What was thrown in a microtask is uncaught behind it.
    await new Promise((resolve) => setImmediate(resolve));
    return uncaught;
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const each of ours) process.on("uncaughtException", each);
  }
}

/** The oldest Node.js that the server runs on; package.json's `engines` says the same. */
const OLDEST_NODE = { major: 22, minor: 13 };

/** Throws a sentence instead of what an older Node.js would fail with later. */
export function requireNode(version: string = process.versions.node): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const { major: oldestMajor, minor: oldestMinor } = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Error(
    `Atrium needs Node.js ${oldestMajor}.${oldestMinor} or later; this is Node.js ${version}`,
  );
}

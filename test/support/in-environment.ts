/** Runs `work` with these environment variables, and puts the former ones back. */
export function inEnvironment(variables: Record<string, string>, work: () => void): void {
  const former = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    work();
  } finally {
    for (const [name, value] of former) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/**
 * The build of the page that we are part of: that of the first server it met, which is the
 * one that it came from. Undefined: no server has named one yet.
 */
export class PageBuild {
  #build: string | undefined;

  get value(): string | undefined {
    return this.#build;
  }

  /** A server that the page can go on with belongs to this build. */
  met(build: string | undefined): void {
    this.#build ??= build;
  }
}

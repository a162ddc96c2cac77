import {
  type AerostackRealtime,
  type ConnectOptions,
  createAerostack,
} from "../../../client/aerostack/index.ts";
import { connect } from "../../../client/connect.ts";
import { NetworkUser } from "../../support/network-user.ts";

/** A program with Aerostack's `realtime`, on a network that the test breaks. */
export class Person extends NetworkUser implements Disposable {
  readonly realtime: AerostackRealtime;

  constructor({ server }: { server: { port: number } }, options: ConnectOptions = {}) {
    super();
    const client = connect(`ws://127.0.0.1:${server.port}`, { ...this.network, ...options });
    this.realtime = createAerostack(client).realtime;
  }

  get connections(): number {
    return this.sockets.length;
  }

  [Symbol.dispose](): void {
    this.realtime.disconnect();
  }
}

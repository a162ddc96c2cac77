import { stateMalformed } from "../../../shared/state/state-malformed.ts";
import { makePackedContent, type PackedContent } from "./packed-kinds.ts";
import type { RecordReader } from "./record-reader.ts";
import type { RecordWriter } from "./record-writer.ts";
import type { ApplyChanges, SavedPart } from "./saved-part.ts";

/** A grid, or another packed collection. */
export class SavedPacked implements SavedPart {
  readonly name: string;
  readonly content: PackedContent;

  private constructor(name: string) {
    this.name = name;
    this.content = makePackedContent(name);
  }

  static read(reader: RecordReader): SavedPacked {
    const part = new SavedPacked(reader.string());
    part.content.applyWhole(reader.bytes());
    return part;
  }

  static readChanges(reader: RecordReader): ApplyChanges<SavedPacked> {
    const name = reader.string();
    const body = reader.bytes();
    return (part) => {
      if (name !== part.name) throw stateMalformed(`a ${part.name} changes as a ${name}`);
      part.content.applyChanges(body);
    };
  }

  write(writer: RecordWriter): void {
    writer.string(this.name);
    writer.bytes(this.content.toBody());
  }

  children(): Iterable<number> {
    return [];
  }
}

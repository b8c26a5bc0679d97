import { WishesUnusable, type ImportWishes, type UploadTickets } from '../../src/ports/upload-tickets.ts';
import type { Upload } from '../../src/ports/vocabulary.ts';

/** A store that people bring their files to: as far as a server sees of it. */
export class Tickets implements UploadTickets {
  readonly issued: { readonly name: string; readonly wishes: ImportWishes }[] = [];
  readonly #arrived = new Map<string, { readonly upload: Upload; readonly wishes: ImportWishes }>();

  async issue(name: string, wishes: ImportWishes) {
    if ((wishes.keep ?? []).length > 50) throw new WishesUnusable('Too long.');
    this.issued.push({ name, wishes });
    return {
      url: 'https://store.example/',
      fields: { key: 'k' },
      maxBytes: 5_000,
      place: `${this.issued.length}/李 ${name}`,
      expiresAt: 0,
    };
  }

  /** The file of the last ticket is brought. */
  arrive(): Upload {
    const { name, wishes } = this.issued.at(-1) ?? { name: '', wishes: {} };
    const location = `store:${this.issued.length}`;
    const upload = { identity: location, location, name, size: 10 };
    this.#arrived.set(`${this.issued.length}/李 ${name}`, { upload, wishes });
    return upload;
  }

  async find(place: string) {
    return this.#arrived.get(place)?.upload;
  }

  async wishes(upload: Upload) {
    return [...this.#arrived.values()].find((arrived) => arrived.upload.location === upload.location)?.wishes ?? {};
  }

  async origin() {
    return 'https://store.example';
  }
}

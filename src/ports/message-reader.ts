/** Reads an e-mail message of the Internet Message Format (RFC 5322, MIME). */
export interface MessageReader {
  /** Takes any bytes: what is not there is empty. */
  read(bytes: Uint8Array): Promise<ReadMessage>;
}

export interface ReadMessage {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  /** As it stands in the message. */
  readonly date: string;
  readonly messageId: string;
  readonly html: string;
  readonly text: string;
}

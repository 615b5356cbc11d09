import type { Page } from "playwright-core";

/** Takes a picture of the window as WebP: a third of the bytes of a PNG, and every browser shows it. */
export const webPicture = async (page: Page, quality: number): Promise<Buffer> => {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality });
  await session.detach();
  return Buffer.from(data, "base64");
};

/** A picture as WebP, and how long the film shows it, in seconds. */
export interface Frame {
  readonly picture: Buffer;
  readonly seconds: number;
}

/** The header of a file: `RIFF`, its size, `WEBP`. */
const headerBytes = 12;
const hasAnimation = 0b10;
/** A frame takes the place of the one before, and is not drawn over it. */
const noBlending = 0b10;

const chunk = (name: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(8);
  head.write(name, "latin1");
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
};

const bytesOf = (...parts: ReadonlyArray<readonly [value: number, bytes: number]>): Buffer =>
  Buffer.concat(
    parts.map(([value, bytes]) => {
      const buffer = Buffer.alloc(bytes);
      buffer.writeUIntLE(value, 0, bytes);
      return buffer;
    }),
  );

/** Returns the chunk of a still picture that has its bits. */
const bitsOf = (picture: Buffer): Buffer => {
  for (let at = headerBytes; at + 8 <= picture.length; ) {
    const name = picture.toString("latin1", at, at + 4);
    const size = picture.readUInt32LE(at + 4);
    if (name === "VP8 " || name === "VP8L") return chunk(name, picture.subarray(at + 8, at + 8 + size));
    at += 8 + size + (size % 2);
  }
  throw new Error("this picture is not WebP: take it with `webPicture`");
};

/** Returns one picture that shows frames of the same size one after the other, again and again: an animated WebP. */
export const filmOf = (frames: ReadonlyArray<Frame>, width: number, height: number): Buffer => {
  const size = [
    [width - 1, 3],
    [height - 1, 3],
  ] as const;
  const shown = frames.map(({ picture, seconds }) =>
    chunk(
      "ANMF",
      Buffer.concat([
        bytesOf([0, 3], [0, 3], ...size, [Math.round(seconds * 1_000), 3], [noBlending, 1]),
        bitsOf(picture),
      ]),
    ),
  );
  return chunk(
    "RIFF",
    Buffer.concat([
      Buffer.from("WEBP", "latin1"),
      chunk("VP8X", bytesOf([hasAnimation, 1], [0, 3], ...size)),
      // White behind, and no end.
      chunk("ANIM", bytesOf([0xff_ff_ff_ff, 4], [0, 2])),
      ...shown,
    ]),
  );
};

import type { Page } from "playwright-core";

/** Takes a picture of the window as WebP: a third of the bytes of a PNG, and every browser shows it. */
export const webPicture = async (page: Page, quality: number): Promise<Buffer> => {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality });
  await session.detach();
  return Buffer.from(data, "base64");
};

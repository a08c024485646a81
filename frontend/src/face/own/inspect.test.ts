import { describe, expect, it } from "vitest";
import { imageSize } from "./image-size";
import { checkSize, inspect, MAX_BYTES } from "./inspect";
import { AvatarProblem, shown } from "./problem";
import { png, sample, vrmSample } from "./sample";

type Json = Record<string, unknown>;

const refused = (file: ArrayBuffer, words: RegExp): void => {
  expect(() => inspect(file)).toThrow(AvatarProblem);
  expect(() => inspect(file)).toThrow(words);
};
const spoilt = (spoil: (json: Json) => void): ArrayBuffer => sample({ morphs: ["jawOpen"], spoil });

describe("a sound file", () => {
  it("is let through, and recognised", () => {
    expect(inspect(sample({ morphs: ["jawOpen", "mouthSmile"] }))).toEqual({
      kind: "GLB",
      vertices: 8,
      morphs: 2,
    });
    expect(inspect(vrmSample("0.x")).kind).toBe("VRM 0.x");
    expect(inspect(vrmSample("1.0")).kind).toBe("VRM 1.0");
    expect(inspect(sample({ images: [png(1024, 1024)] })).vertices).toBe(8);
  });
});

describe("a broken or hostile file", () => {
  it("is refused at every length it could be cut off at", () => {
    const whole = sample({ morphs: ["jawOpen"] });
    for (let length = 0; length < whole.byteLength; length += 37) {
      expect(() => inspect(whole.slice(0, length)), `${length} bytes`).toThrow(AvatarProblem);
    }
  });

  it("never throws anything but a sentence, whatever byte is changed", () => {
    const whole = new Uint8Array(sample({ morphs: ["jawOpen"] }));
    for (let at = 0; at < whole.length; at += 3) {
      for (const value of [0, 0x7b, 0xff]) {
        const changed = whole.slice();
        changed[at] = value;
        try {
          inspect(changed.buffer);
        } catch (error) {
          expect(error, `byte ${at} = ${value}`).toBeInstanceOf(AvatarProblem);
        }
      }
    }
  });

  it("of 200 MB is refused by its size alone", () => {
    expect(() => checkSize(200 * 2 ** 20)).toThrow(/200 MB; at most 100 MB/);
    expect(() => checkSize(MAX_BYTES)).not.toThrow();
  });

  it("of another kind is named as such", () => {
    refused(new TextEncoder().encode("<html><script>alert(1)</script></html>").buffer, /not a GLB or VRM/);
    refused(new Uint8Array(64).buffer, /not a GLB or VRM/);
  });

  it("without a mesh has nothing to show", () => {
    refused(
      spoilt((json) => {
        json.meshes = [];
      }),
      /no mesh/,
    );
    refused(
      spoilt((json) => {
        delete json.meshes;
      }),
      /no mesh/,
    );
  });

  it("with huge textures is refused before they are unpacked", () => {
    refused(sample({ images: [png(30_000, 30_000)] }), /too large.*30000 x 30000/);
    refused(sample({ images: Array.from({ length: 30 }, () => png(4096, 4096)) }), /too large/);
    refused(sample({ images: [new Uint8Array(64)] }), /picture 0.*cannot be read/);
  });

  it("with boundless counts is refused before anything is allocated", () => {
    const accessors = (change: Json) =>
      spoilt((json) => {
        (json.accessors as Json[])[0] = { ...(json.accessors as Json[])[0], ...change };
      });
    for (const count of [4e9, -1, 1.5, "8", null]) refused(accessors({ count }), /heavy/);
    refused(
      spoilt((json) => {
        json.nodes = Array.from({ length: 20_000 }, () => ({}));
      }),
      /heavy/,
    );
  });

  it("may not point outside itself", () => {
    refused(
      spoilt((json) => {
        json.buffers = [{ uri: "https://example.com/track.bin", byteLength: 1000 }];
      }),
      /points to another one/,
    );
    refused(
      spoilt((json) => {
        json.images = [{ uri: "//example.com/pixel.png" }];
      }),
      /points to another one/,
    );
    refused(
      spoilt((json) => {
        (json.bufferViews as Json[])[0] = { buffer: 0, byteOffset: 1e9, byteLength: 10 };
      }),
      /cut off or damaged/,
    );
  });

  it("that needs what we do not have says what", () => {
    refused(
      spoilt((json) => {
        json.extensionsRequired = ["KHR_draco_mesh_compression"];
      }),
      /KHR_draco_mesh_compression.*not supported/,
    );
    refused(
      spoilt((json) => {
        json.asset = { version: "1.0" };
      }),
      /glTF 2.0/,
    );
  });

  it("cannot speak through its names", () => {
    expect(shown('<img src=x onerror="alert(1)">')).toBe("img src=x onerror=alert(1)");
    expect(shown("a\u202eb\u0000c\u200b")).toBe("abc");
    expect(shown("x".repeat(500))).toHaveLength(60);
    expect(shown(undefined)).toBe("");
    expect(shown({ toString: () => "<b>" })).toBe("b");
  });
});

describe("the size of an image", () => {
  const bytes = (...b: number[]): Uint8Array => Uint8Array.from([...b, ...new Array(40).fill(0)]);

  it("is read from PNG, JPEG and WebP", () => {
    expect(imageSize(png(640, 480))).toEqual({ width: 640, height: 480 });
    expect(
      imageSize(bytes(0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xc2, 0, 17, 8, 0x01, 0xe0, 0x02, 0x80)),
    ).toEqual({
      width: 640,
      height: 480,
    });
    const webp = bytes(
      ...[..."RIFF"].map((c) => c.charCodeAt(0)),
      0,
      0,
      0,
      0,
      ...[..."WEBPVP8X"].map((c) => c.charCodeAt(0)),
    );
    webp.set([0x7f, 0x02, 0, 0xdf, 0x01, 0], 24);
    expect(imageSize(webp)).toEqual({ width: 640, height: 480 });
  });

  it("is not made up for anything else, and never runs on for ever", () => {
    expect(imageSize(bytes(1, 2, 3))).toBeUndefined();
    expect(imageSize(bytes(0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff, 0xe0))).toBeUndefined();
    expect(imageSize(new Uint8Array(3))).toBeUndefined();
  });
});

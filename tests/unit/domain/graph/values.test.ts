// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is Nix's interpolation that is meant
import { describe, expect, test } from "@jest/globals";
import { Schema } from "effect";
import { Address, CronExpression, Port, PositiveNumber, Size, Text } from "../../../../src/domain/graph/values.ts";

describe("values", () => {
  test.each([
    ["a port", Port, [1, 22, 65535], [0, 65536, 80.5, "80", -1]],
    ["a positive number", PositiveNumber, [1, 0.5], [0, -1, Number.POSITIVE_INFINITY, "1"]],
    ["a size", Size, ["10Gi", "1Ti", "1.5Gi", "0.5Mi"], ["10", "10GB", "0Gi", "0.0Gi", "-1Gi", " 1Gi", "1e3Gi"]],
    [
      "an address",
      Address,
      ["10.0.0.1", "::1", "fe80::1%eth0", "2001:db8::10.0.0.1", "1:2:3:4:5:6:7:8", "leaf-1.example.org"],
      ["", "-oProxyCommand=x", "a b", "a;b", "10.0.0.256", "1:2:3", "1::2::3", "1:2:3:4:5:6:7:8:9", "a%b", "host:80"],
    ],
    ["text", Text, ["", "it's ${x} ''\n\"", "ünï😀"], ["\0", "a\uD800"]],
    [
      "a cron expression",
      CronExpression,
      ["30 1 * * *", "*/5 1-3,7 * jan MON-fri", "0 0 1-31/2 12 7", "0  3 * * 0"],
      [
        "0 2 * *",
        "0 2 * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "5-1 * * * *",
        "*/0 * * * *",
        "5/15 * * * *",
        "1,,2 * * * *",
        "@daily",
        "a * * * *",
      ],
    ],
  ] as ReadonlyArray<[string, Schema.Codec<unknown, unknown>, ReadonlyArray<unknown>, ReadonlyArray<unknown>]>)(
    "%s",
    (_, schema, right, wrong) => {
      const is = Schema.is(schema);
      expect(right.filter((value) => !is(value))).toEqual([]);
      expect(wrong.filter(is)).toEqual([]);
    },
  );
});

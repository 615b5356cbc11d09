// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is Nix's interpolation that is meant
import {
  apply,
  attributes,
  binding,
  boolean,
  concat,
  type Expression,
  fn,
  inherited,
  integer,
  interpolation,
  lambda,
  letIn,
  list,
  merge,
  path,
  reference,
  string,
  strings,
} from "../../../../../src/domain/nix/language/expression.ts";

/** A rule of the standard Nix format, and an expression with the text that follows it. */
export type Layout = readonly [rule: string, expression: Expression, text: string];

const set = (...names: ReadonlyArray<string>): Expression =>
  attributes(names.map((name) => binding(name, boolean(true))));

const value = (expression: Expression): Expression => attributes([binding("value", expression)]);

const long = string("a text that is so long that two of them have no place on one line");

const longer = reference("config", "aVeryLongNameOfAnOption", "that", "has", "many", "parts");

export const layouts: ReadonlyArray<Layout> = [
  ["empty sets and lists are closed at once", list([attributes([]), list([])]), "[\n  { }\n  [ ]\n]"],
  ["a list of one item is on one line if it fits", value(strings(["a"])), '{\n  value = [ "a" ];\n}'],
  ["a list of more items is not", value(list([integer(22), integer(80)])), "{\n  value = [\n    22\n    80\n  ];\n}"],
  [
    "a list of one long item is broken",
    value(list([apply(reference("f"), long, longer, integer(1))])),
    `{
  value = [
    (f "a text that is so long that two of them have no place on one line"
      config.aVeryLongNameOfAnOption.that.has.many.parts
      1
    )
  ];
}`,
  ],
  ["a set has each binding on a line", list([set("a")]), "[\n  {\n    a = true;\n  }\n]"],
  [
    "a comment has a line of its own, and an empty one above it, but for the first",
    attributes([
      { ...binding("a", integer(1)), comment: "one" },
      { ...binding("b", integer(2)), comment: "two\r\nlines " },
      binding("c", integer(3)),
      { ...binding("d", integer(4)), blankBefore: true },
    ]),
    `{
  # one
  a = 1;

  # two lines
  b = 2;
  c = 3;

  d = 4;
}`,
  ],
  [
    "up to three inherited names are on one line",
    attributes([
      inherited(["a", "b", "in"]),
      inherited(["a", "b", "c", "d"]),
      inherited(["x", "y"], reference("pkgs", "lib")),
      inherited(["a", "b", "c", "d"], apply(reference("import"), path("./a.nix"))),
    ]),
    `{
  inherit a b "in";
  inherit
    a
    b
    c
    d
    ;
  inherit (pkgs.lib) x y;
  inherit (import ./a.nix)
    a
    b
    c
    d
    ;
}`,
  ],
  [
    "a long string stays beside a short name, and leaves a long one",
    attributes([
      binding("description", interpolation(long, " ", long)),
      binding(["networking", "hosts", "2001:db8::1"], string("x".repeat(90))),
      binding("systemd.services.web.environment", string("x".repeat(90))),
      binding("systemd.services.web.environment.PATH", string("x".repeat(90))),
    ]),
    `{
  description = "\${"a text that is so long that two of them have no place on one line"} \${"a text that is so long that two of them have no place on one line"}";
  networking.hosts."2001:db8::1" =
    "${"x".repeat(90)}";
  systemd.services.web.environment = "${"x".repeat(90)}";
  systemd.services.web.environment.PATH =
    "${"x".repeat(90)}";
}`,
  ],
  [
    "up to two parameters of a set are on one line",
    list([lambda([], set("a")), lambda(["lib", "pkgs"], set("a")), lambda(["lib", "pkgs", "config"], set("a"))]),
    `[
  (
    { ... }:
    {
      a = true;
    }
  )
  (
    { lib, pkgs, ... }:
    {
      a = true;
    }
  )
  (
    {
      lib,
      pkgs,
      config,
      ...
    }:
    {
      a = true;
    }
  )
]`,
  ],
  [
    "functions of functions are on one line with the set they answer",
    value(fn("final", fn("prev", set("a")))),
    "{\n  value = final: prev: {\n    a = true;\n  };\n}",
  ],
  [
    "a function of a set begins below its name",
    value(lambda(["self"], set("a"))),
    "{\n  value =\n    { self, ... }:\n    {\n      a = true;\n    };\n}",
  ],
  [
    "let and in are on lines of their own",
    lambda(["lib"], letIn([binding("a", integer(1)), inherited(["b"], reference("lib"))], set("c"))),
    `{ lib, ... }:
let
  a = 1;
  inherit (lib) b;
in
{
  c = true;
}`,
  ],
  [
    "a let begins below its name",
    value(letIn([binding("a", integer(1))], reference("a"))),
    "{\n  value =\n    let\n      a = 1;\n    in\n    a;\n}",
  ],
  [
    "an application is on one line if it fits",
    value(apply(reference("lib", "mkIf"), reference("enable"), apply(reference("f"), integer(-1), attributes([])))),
    "{\n  value = lib.mkIf enable (f (-1) { });\n}",
  ],
  [
    "a set, list or text that is the last operand begins on the line of its function",
    attributes([
      binding("a", apply(reference("lib", "mkIf"), reference("enable"), set("x"))),
      binding("b", apply(reference("lib", "mkMerge"), list([set("x"), set("y")]))),
      binding("c", apply(reference("pkgs", "writeText"), string("name"), string("one\ntwo\n"))),
    ]),
    `{
  a = lib.mkIf enable {
    x = true;
  };
  b = lib.mkMerge [
    {
      x = true;
    }
    {
      y = true;
    }
  ];
  c = pkgs.writeText "name" ''
    one
    two
  '';
}`,
  ],
  [
    "so do functions and applications of a set that are the last operand",
    attributes([
      binding("a", apply(reference("map"), fn("x", set("x")))),
      binding("b", apply(reference("f"), apply(reference("g"), set("x")))),
      binding("c", apply(reference("f"), apply(reference("lib", "g"), reference("x"), set("x")))),
    ]),
    `{
  a = map (x: {
    x = true;
  });
  b = f (g {
    x = true;
  });
  c = f (
    lib.g x {
      x = true;
    }
  );
}`,
  ],
  [
    "a set that is not the last operand does so if those after it are short",
    value(apply(reference("f"), set("x"), reference("y"))),
    "{\n  value = f {\n    x = true;\n  } y;\n}",
  ],
  [
    "operands that do not fit are on lines of their own",
    value(apply(reference("lib", "throwIfNot"), reference("condition"), long, longer)),
    `{
  value =
    lib.throwIfNot condition "a text that is so long that two of them have no place on one line"
      config.aVeryLongNameOfAnOption.that.has.many.parts;
}`,
  ],
  [
    "of two operands that could be broken, the last one is",
    value(
      apply(
        reference("f"),
        strings(["a text that is not so long", "another text of that length"]),
        apply(reference("g"), reference("x"), integer(-1), string("a text that is not so long")),
      ),
    ),
    `{
  value = f [ "a text that is not so long" "another text of that length" ] (
    g x (-1) "a text that is not so long"
  );
}`,
  ],
  [
    "an operand is broken so far that those after it have room on its last line",
    value(
      apply(
        reference("f"),
        apply(longer, integer(-1), reference("x"), longer),
        apply(reference("f"), longer, reference("x")),
      ),
    ),
    `{
  value = f (config.aVeryLongNameOfAnOption.that.has.many.parts (-1) x
    config.aVeryLongNameOfAnOption.that.has.many.parts
  ) (f config.aVeryLongNameOfAnOption.that.has.many.parts x);
}`,
  ],
  [
    "operands are at the margin of a string that is broken before an application in it",
    apply(
      interpolation(
        merge(reference("config", "defaults"), longer),
        " and ",
        apply(reference("lib", "getExe"), reference("pkgs", "hello"), longer),
      ),
      integer(1),
      set("a"),
      integer(2),
    ),
    `"\${
  config.defaults // config.aVeryLongNameOfAnOption.that.has.many.parts
} and \${lib.getExe pkgs.hello config.aVeryLongNameOfAnOption.that.has.many.parts}"
1
{
  a = true;
}
2`,
  ],
  [
    "short lists of simple items are on one line, but for the last operand",
    value(apply(reference("f"), strings(["a", "b"]), strings(["c", "d"]), integer(1))),
    '{\n  value = f [ "a" "b" ] [ "c" "d" ] 1;\n}',
  ],
  [
    "operators begin lines, and what follows a set does so at its margin",
    attributes([
      binding("a", merge(reference("hardening"), set("x"))),
      binding("b", merge(set("x"), reference("y"))),
      binding("c", concat(list([]), concat(strings(["x", "y"]), apply(reference("f"), reference("z"))))),
      binding("d", concat(concat(list([reference("x")]), reference("y")), merge(reference("z"), reference("z")))),
    ]),
    `{
  a = hardening // {
    x = true;
  };
  b = {
    x = true;
  }
  // y;
  c =
    [ ]
    ++ [
      "x"
      "y"
    ]
    ++ f z;
  d = [ x ] ++ y ++ (z // z);
}`,
  ],
  [
    "what is short or simple in a string stays on its line",
    list([
      interpolation(reference("pkgs", "hello"), "/bin/hello ", apply(reference("toString"), integer(1))),
      interpolation("a ", apply(reference("lib", "concatStringsSep"), long, longer), " b"),
    ]),
    `[
  "\${pkgs.hello}/bin/hello \${toString 1}"
  "a \${lib.concatStringsSep "a text that is so long that two of them have no place on one line" config.aVeryLongNameOfAnOption.that.has.many.parts} b"
]`,
  ],
  [
    "what is neither is on lines of its own",
    interpolation("first ", apply(reference("f"), reference("a"), list([long]), longer), " last"),
    `"first \${
  f a [
    "a text that is so long that two of them have no place on one line"
  ] config.aVeryLongNameOfAnOption.that.has.many.parts
} last"`,
  ],
  [
    "what begins a line of a text shares it",
    interpolation("set:\n  ", apply(reference("builtins", "toJSON"), set("x")), "\nend\n"),
    `''
  set:
    \${builtins.toJSON {
      x = true;
    }}
  end
''`,
  ],
  [
    "texts of several lines are indented",
    value(string("\none\n\n  ${two} ''three'' '${\n'''\tfour'")),
    "{\n  value = ''\n\n    one\n\n      ''${two} '''three''' ''\\'''${\n    ''''\tfour''\\''';\n}",
  ],
  [
    "a path that is a sum begins below its name if it is long",
    attributes([binding("a", path("./a b")), binding("b", path(`/${"a ".repeat(50)}`))]),
    `{
  a = ./. + "/./a b";
  b =
    /.
    + "/${"a ".repeat(50)}";
}`,
  ],
];

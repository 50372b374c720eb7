#include "sim/settings/json_document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace numasim {
namespace {

using testing::ElementsAre;

std::vector<std::string> faults(std::string_view text) {
  std::vector<Problem> problems;
  parse_json(text, "a.json", problems);
  std::vector<std::string> lines;
  for (const Problem& problem : problems) lines.push_back(to_string(problem));
  return lines;
}

JsonDocument parsed(std::string_view text) {
  std::vector<Problem> problems;
  return parse_json(text, "a.json", problems).value();
}

TEST(JsonDocument, KnowsWhereEachValueAndKeyStands) {
  const JsonDocument document = parsed("{\n  \"a\": [10, -2.5,\n   \"x\\\"y\"], \"b\": {}\n}");

  EXPECT_EQ(document.values.at(""), (TextPosition{1, 1}));
  EXPECT_EQ(document.keys.at("/a"), (TextPosition{2, 3}));
  EXPECT_EQ(document.values.at("/a"), (TextPosition{2, 8}));
  EXPECT_EQ(document.values.at("/a/0"), (TextPosition{2, 9}));
  EXPECT_EQ(document.values.at("/a/1"), (TextPosition{2, 13}));
  EXPECT_EQ(document.values.at("/a/2"), (TextPosition{3, 4}));
  EXPECT_EQ(document.keys.at("/b"), (TextPosition{3, 13}));
  EXPECT_EQ(document.values.at("/b"), (TextPosition{3, 18}));
}

TEST(JsonDocument, IsNotConfusedByCommentsBetweenTokens) {
  const JsonDocument document =
      parsed("// \"no\": 1\n{\"a\": 7/* , 8 */, /* : */ \"b\" // {\n : true}");

  EXPECT_EQ(document.values.at("/a"), (TextPosition{2, 7}));
  EXPECT_EQ(document.keys.at("/b"), (TextPosition{2, 27}));
  EXPECT_EQ(document.values.at("/b"), (TextPosition{3, 4}));
  EXPECT_EQ(document.root.dump(), R"({"a":7,"b":true})");
}

TEST(JsonDocument, EscapesSlashAndTildeInPointers) {
  EXPECT_EQ(parsed(R"({"a/b": 1, "c~d": 2})").values.count("/a~1b"), 1u);
  EXPECT_EQ(parsed(R"({"a/b": 1, "c~d": 2})").values.count("/c~0d"), 1u);
}

TEST(JsonDocument, SkipsAByteOrderMarkWithoutShiftingColumns) {
  EXPECT_EQ(parsed("\xEF\xBB\xBF{\"a\": 1}").values.at("/a"), (TextPosition{1, 7}));
}

TEST(JsonDocument, ReportsEachDuplicateKeyAndReadsOn) {
  EXPECT_THAT(faults("{\"a\": 1,\n \"a\": 2,\n \"b\": {\"c\": 1, \"c\": 2}}"),
              ElementsAre("a.json:2:2: /a: duplicate key; it stands on line 1 already; remove one",
                          "a.json:3:16: /b/c: duplicate key; it stands on line 3 already; remove "
                          "one"));
}

TEST(JsonDocument, ReportsAnObjectThatStandsTwiceOnceAndNotItsMembers) {
  EXPECT_THAT(faults("{\"a\": {\"b\": 1, \"c\": 2},\n \"a\": {\"c\": 3, \"c\": 4}}"),
              ElementsAre("a.json:2:2: /a: duplicate key; it stands on line 1 already; remove "
                          "one"));
}

TEST(JsonDocument, RefusesWholeNumbersBeyond64Bits) {
  EXPECT_THAT(faults("{\"a\": 18446744073709551615}"), ElementsAre());
  EXPECT_THAT(faults("{\"a\": 18446744073709551616}"),
              ElementsAre("a.json:1:7: /a: expected a number of at most 64 bits, found "
                          "18446744073709551616"));
}

struct BadSyntax {
  const char* text;
  const char* fault;
};

class JsonSyntax : public testing::TestWithParam<BadSyntax> {};

TEST_P(JsonSyntax, FaultIsToldInPlainWordsWithItsPlace) {
  EXPECT_THAT(faults(GetParam().text), ElementsAre(GetParam().fault));
}

INSTANTIATE_TEST_SUITE_P(
    , JsonSyntax,
    testing::Values(
        BadSyntax{"", "a.json:1:1: not valid JSON: expected a value, found the end of the file"},
        BadSyntax{"{\"a\": [1,\n2,]}",
                  "a.json:2:3: not valid JSON: expected a value, found ]; remove the comma before "
                  "it"},
        BadSyntax{
            "{\"a\": 1\n \"b\": 2}",
            "a.json:2:2: not valid JSON: expected ',' or '}', found \"b\"; is a comma missing "
            "before it?"},
        BadSyntax{
            "{\"a\": 1,}",
            "a.json:1:9: not valid JSON: expected a key in double quotes, found }; remove the "
            "comma before it"},
        BadSyntax{"{a: 1}", "a.json:1:2: not valid JSON: expected a value, found a"},
        BadSyntax{"{\"a\": nil}", "a.json:1:7: not valid JSON: expected a value, found nil"},
        BadSyntax{"{\"a\": 1} x", "a.json:1:10: not valid JSON: expected a value, found x"},
        BadSyntax{"{\"a\": 1} 2", "a.json:1:10: not valid JSON: expected nothing more, found 2"},
        BadSyntax{"{\"a\": \"x",
                  "a.json:1:9: not valid JSON: expected a text in double quotes on "
                  "one line, with \\ only in escapes, found the end of the file"},
        BadSyntax{
            "{\"a\": \"x\n\"}",
            "a.json:1:9: not valid JSON: expected a text in double quotes on one line, with \\ "
            "only in escapes, found a line break"},
        BadSyntax{"{\"a\": 1e999}",
                  "a.json:1:7: not valid JSON: expected a number of at most 64 bits, found 1e999"},
        BadSyntax{"/* {",
                  "a.json:1:5: not valid JSON: expected the end of the comment, */, found "
                  "the end of the file"}));

TEST(JsonDocument, RefusesTextThatIsNotUtf8) {
  EXPECT_THAT(
      faults("{\"a\": \"\xff\"}"),
      ElementsAre(testing::StartsWith("a.json:1:8: not valid JSON: expected text in UTF-8")));
}

TEST(JsonDocument, RefusesDeepNestingInsteadOfExhaustingTheStack) {
  EXPECT_THAT(faults(std::string(100'000, '[')), ElementsAre("a.json:1:33: nested too deep"));
}

TEST(JsonDocument, RefusesMoreValuesThanAnyScenarioHas) {
  std::string text = "[";
  for (std::size_t i = 0; i < kMostJsonValues; ++i) text += "1,";
  EXPECT_THAT(faults(text + "1]"), ElementsAre(testing::HasSubstr("too many values in one file")));
}

}  // namespace
}  // namespace numasim

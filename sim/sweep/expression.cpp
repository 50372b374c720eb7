#include "sim/sweep/expression.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <utility>

#include "workloads/input_error.hpp"

namespace numasim::sweep {
namespace {

constexpr std::size_t kDeepest = 64;
constexpr std::size_t kLongest = 4096;

/// Leaves the parser or the evaluation; never leaves this file.
struct Fault {
  BadExpression bad;
};

[[noreturn]] void fail(std::string what, std::size_t at) { throw Fault{{std::move(what), at}}; }

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.';
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The one name that `word` stands for, or nothing.
std::size_t find_name(std::string_view word, const std::vector<std::string>& names,
                      std::size_t at) {
  std::size_t found = names.size();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == word) return i;
    if (!names[i].ends_with("." + std::string(word))) continue;
    if (found < names.size())
      fail(std::string(word) + " could be " + names[found] + " or " + names[i], at);
    found = i;
  }
  if (found < names.size()) return found;
  std::string hint = did_you_mean(word, {names.begin(), names.end()});
  if (hint.empty()) hint = "only what the sweep varies can be used";
  fail(std::string(word) + " is not varied; " + hint, at);
}

constexpr std::array<std::string_view, 6> kCompare{"==", "!=", "<=", ">=", "<", ">"};
constexpr std::array<std::string_view, 2> kAdd{"+", "-"};
constexpr std::array<std::string_view, 3> kMultiply{"*", "/", "%"};

/// Tighter ones come later.
constexpr std::array<std::span<const std::string_view>, 3> kLevels{kCompare, kAdd, kMultiply};

double number(const Operand& operand, std::size_t at) {
  if (const auto* value = std::get_if<double>(&operand)) return *value;
  if (const auto* text = std::get_if<std::string>(&operand))
    fail('\'' + *text + "' is not a number", at);
  fail("null is not a number", at);
}

double compare_or_compute(std::string_view operation, double a, double b, std::size_t at) {
  if (operation == "<") return a < b ? 1 : 0;
  if (operation == "<=") return a <= b ? 1 : 0;
  if (operation == ">") return a > b ? 1 : 0;
  if (operation == ">=") return a >= b ? 1 : 0;
  if (operation == "+") return a + b;
  if (operation == "-") return a - b;
  if (operation == "*") return a * b;
  if (b == 0) fail("division by zero", at);
  return operation == "/" ? a / b : std::fmod(a, b);
}

}  // namespace

class ExpressionParser {
 public:
  using Node = Expression::Node;

  ExpressionParser(std::string_view text, const std::vector<std::string>& names)
      : text_(text), names_(names) {}

  Expression parse() {
    if (text_.size() > kLongest) fail("it is longer than " + std::to_string(kLongest), kLongest);
    Expression expression;
    expression.root_ = read_or();
    if (at_ < text_.size()) fail("expected an operator", at_);
    return expression;
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  bool take(std::string_view token) {
    skip_blanks();
    const bool word = is_name(token.front());
    if (!text_.substr(at_).starts_with(token)) return false;
    const std::size_t end = at_ + token.size();
    if (word && end < text_.size() && is_name(text_[end])) return false;
    at_ = end;
    skip_blanks();
    return true;
  }

  Node joined(std::string_view operation, std::size_t at, Node left, Node right) const {
    Node node{.operation = std::string(operation), .at = at};
    node.operands.push_back(std::move(left));
    node.operands.push_back(std::move(right));
    return node;
  }

  Node read_or() {
    Node left = read_and();
    for (std::size_t at = at_; take("or") || take("||"); at = at_)
      left = joined("or", at, std::move(left), read_and());
    return left;
  }

  Node read_and() {
    Node left = read_not();
    for (std::size_t at = at_; take("and") || take("&&"); at = at_)
      left = joined("and", at, std::move(left), read_not());
    return left;
  }

  Node read_not() {
    skip_blanks();
    const std::size_t at = at_;
    const bool differs = text_.substr(at_).starts_with("!=");
    if (differs || !(take("not") || take("!"))) return read_level(0);
    const Depth deeper(*this);
    Node node{.operation = "not", .at = at};
    node.operands.push_back(read_not());
    return node;
  }

  Node read_level(std::size_t level) {
    if (level == kLevels.size()) return read_signed();
    Node left = read_level(level + 1);
    for (;;) {
      const std::size_t at = at_;
      const auto operation = take_one_of(kLevels[level]);
      if (operation.empty()) return left;
      left = joined(operation, at, std::move(left), read_level(level + 1));
    }
  }

  std::string_view take_one_of(std::span<const std::string_view> operations) {
    for (const std::string_view operation : operations)
      if (take(operation)) return operation;
    return {};
  }

  Node read_signed() {
    const std::size_t at = at_;
    if (!take("-")) return read_operand();
    const Depth deeper(*this);
    return joined("-", at, Node{.operation = "", .constant = 0.0, .at = at}, read_signed());
  }

  Node read_operand() {
    skip_blanks();
    const std::size_t at = at_;
    if (take("(")) {
      const Depth deeper(*this);
      Node inner = read_or();
      if (!take(")")) fail("expected ')'", at_);
      return inner;
    }
    if (at < text_.size() && text_[at] == '\'') return read_text();
    if (at < text_.size() && is_digit(text_[at])) return read_number();
    if (take("true")) return {.operation = "", .constant = 1.0, .at = at};
    if (take("false")) return {.operation = "", .constant = 0.0, .at = at};
    if (take("null")) return {.operation = "", .at = at};
    std::size_t end = at;
    while (end < text_.size() && is_name(text_[end])) ++end;
    if (end == at) fail("expected a number, a 'text' or the name of an axis", at);
    at_ = end;
    const std::size_t name = find_name(text_.substr(at, end - at), names_, at);
    skip_blanks();
    return {.operation = "name", .name = name, .at = at};
  }

  Node read_text() {
    const std::size_t at = at_;
    const std::size_t end = text_.find('\'', at + 1);
    if (end == std::string_view::npos) fail("the text has no end", at);
    at_ = end + 1;
    skip_blanks();
    return {.operation = "", .constant = std::string(text_.substr(at + 1, end - at - 1)), .at = at};
  }

  Node read_number() {
    const std::size_t at = at_;
    double value = 0;
    const char* const last = text_.data() + text_.size();
    const auto [end, error] = std::from_chars(text_.data() + at, last, value);
    if (error != std::errc()) fail("the number is too large", at);
    at_ = static_cast<std::size_t>(end - text_.data());
    if (at_ < text_.size() && is_name(text_[at_]))
      fail("a number has no unit here; it counts in the unit of the setting's key", at_);
    skip_blanks();
    return {.operation = "", .constant = value, .at = at};
  }

  /// Counts how deep parentheses and signs stand in each other.
  class Depth {
   public:
    explicit Depth(ExpressionParser& parser) : parser_(parser) {
      if (++parser_.depth_ > kDeepest) fail("it is too deep", parser_.at_);
    }
    ~Depth() { --parser_.depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;

   private:
    ExpressionParser& parser_;
  };

  std::string_view text_;
  const std::vector<std::string>& names_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

std::variant<Expression, BadExpression> Expression::parse(std::string_view text,
                                                          const std::vector<std::string>& names) {
  try {
    return ExpressionParser(text, names).parse();
  } catch (const Fault& fault) {
    return fault.bad;
  }
}

Operand Expression::evaluate(const Node& node, const std::vector<Operand>& values) {
  if (node.operation.empty()) return node.constant;
  if (node.operation == "name") return values.at(node.name);
  const Operand left = evaluate(node.operands.front(), values);
  if (node.operation == "not") return number(left, node.at) == 0 ? 1.0 : 0.0;
  if (node.operation == "or" && number(left, node.at) != 0) return 1.0;
  if (node.operation == "and" && number(left, node.at) == 0) return 0.0;
  const Operand right = evaluate(node.operands.back(), values);
  if (node.operation == "==") return left == right ? 1.0 : 0.0;
  if (node.operation == "!=") return left == right ? 0.0 : 1.0;
  const double b = number(right, node.at);
  if (node.operation == "or" || node.operation == "and") return b != 0 ? 1.0 : 0.0;
  return compare_or_compute(node.operation, number(left, node.at), b, node.at);
}

std::variant<bool, BadExpression> Expression::holds(const std::vector<Operand>& values) const {
  try {
    return number(evaluate(root_, values), root_.at) != 0;
  } catch (const Fault& fault) {
    return fault.bad;
  }
}

}  // namespace numasim::sweep

#pragma once
// Conditions on the values of a sweep's axes: "kernel.hz == 100 or machine.cpu_hz >= 2000000000".

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace numasim::sweep {

/// A value in an expression; nothing stands for null.
using Operand = std::variant<std::monostate, double, std::string>;

/// What is wrong with the text of an expression, or with the values it was given.
struct BadExpression {
  std::string what;
  std::size_t at = 0;  // characters before the fault
};

/// A parsed condition. From loosest to tightest: or, and, not; == != < <= > >=; + -; * / %; unary
/// -. Operands are numbers, 'texts', null, true and false (1 and 0), and the names it was parsed
/// with.
/// && || and ! do as well.
class Expression {
 public:
  /// `names` are the dotted paths that may be used; the last step of one is enough if no other ends
  /// in it. A name's place in the list is the place of its value in holds().
  static std::variant<Expression, BadExpression> parse(std::string_view text,
                                                       const std::vector<std::string>& names);

  /// Whether the condition is true: a number other than 0.
  std::variant<bool, BadExpression> holds(const std::vector<Operand>& values) const;

 private:
  friend class ExpressionParser;
  struct Node {
    std::string operation;  // "": `constant`; "name": values[name]
    Operand constant = {};
    std::size_t name = 0;
    std::size_t at = 0;
    std::vector<Node> operands = {};
  };
  static Operand evaluate(const Node& node, const std::vector<Operand>& values);

  Node root_;
};

}  // namespace numasim::sweep

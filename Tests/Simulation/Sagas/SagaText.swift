// SPDX-License-Identifier: Apache-2.0

/// Writes made-up steps as rules.
struct SagaText {
  private var rules: [String] = []

  /// The rules of a block that an event of the type `go` sets going.
  static func rules(_ block: [SagaStep]) -> String {
    var text = SagaText()
    let actions = text.actions(block, path: #""r""#)
    text.rules.append("  main: { trigger: { type: go }, actions: \(actions) }")
    return "rules:\n" + text.rules.joined(separator: "\n")
  }

  /// A block; `path` is the expression that says for which items it is done.
  private mutating func actions(_ block: [SagaStep], path: String) -> String {
    var steps: [String] = []
    for step in block { steps.append(text(step, path)) }
    return "[ \(steps.joined(separator: ", ")) ]"
  }

  private mutating func text(_ step: SagaStep, _ path: String) -> String {
    switch step {
    case .deed(let number, let isUndoable, let continues):
      let name = #""\#(number)@${{ \#(path.replacing("\"", with: "'")) }}""#
      func use(_ verb: String) -> String {
        "uses: shop.pick, with: { \(verb): \(name) }, retry: { attempts: 1 }"
      }
      let undo = isUndoable ? ", compensate: { \(use("undo")) }" : ""
      return "{ \(use("do"))\(undo)\(continues ? ", continue_on_error: true" : "") }"
    case .parallel(let blocks, let needed, let continues):
      var parts: [String] = []
      for block in blocks { parts.append(actions(block, path: path)) }
      let rest = (needed.map { ", wait_for: \($0)" } ?? "") + (continues ? ", continue_on_error: true" : "")
      return "{ parallel: [ \(parts.joined(separator: ", ")) ]\(rest) }"
    case .each(let count, let block, let needed, let concurrency):
      let items = (0..<count).map { "\(path) + '.\($0)'" }.joined(separator: ", ").replacing("\"", with: "'")
      let rest = ", concurrency: \(concurrency)" + (needed.map { ", wait_for: \($0)" } ?? "")
      let list = count == 0 ? "[]" : "\"${{ [ \(items) ] }}\""
      return "{ for_each: \(list), actions: \(actions(block, path: "item"))\(rest) }"
    case .choose(let isFirst, let first, let second):
      let (one, other) = (actions(first, path: path), actions(second, path: path))
      return "{ choose: [ { condition: \"\(isFirst)\", actions: \(one) } ], else: \(other) }"
    case .call(let number, let block):
      let inner = actions(block, path: "input.path")
      rules.append("  called\(number): { actions: \(inner) }")
      let expression = "\(path) + 'c\(number)'".replacing("\"", with: "'")
      return "{ call: called\(number), with: { path: \"${{ \(expression) }}\" } }"
    case .fail: return "{ fail: given up }"
    }
  }
}

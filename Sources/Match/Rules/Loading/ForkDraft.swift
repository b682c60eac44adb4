// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventModel
import Expressions

/// What is done side by side, or by another rule, as written: the keys of a step that say so.
struct ForkDraft {
  /// The blocks of `parallel`.
  var blocks: [[StepDraft]] = []
  /// The block of `for_each`.
  var actions: [StepDraft] = []
  var concurrency: (count: Int, range: Range<Int>)?
  var waitFor: (Step.Fork.WaitFor, range: Range<Int>)?

  /// Where the steps of a block stand.
  typealias Block = Range<Int>

  /// The action under one of the keys, or nil after a report.
  func action(
    _ key: String,
    _ value: YAMLNode,
    with: YAMLNode?,
    _ blocks: [Block],
    _ templates: TemplateReader,
    _ reader: inout NodeReader
  ) -> Step.Action? {
    guard checkKeys(of: key, value, &reader) else { return nil }
    let kind: Step.Fork.Kind?
    switch key {
    case "parallel": kind = .parallel(blocks)
    case "for_each": kind = each(value, blocks, templates, &reader)
    default: kind = call(value, with: with, templates, &reader)
    }
    if let waitFor, case .count(let count) = waitFor.0, key == "parallel", count > blocks.count {
      reader.report(.range, "there are only \(blocks.count) branches", at: waitFor.range)
      return nil
    }
    return kind.map { .fork(Step.Fork(kind: $0, waitFor: waitFor?.0 ?? .all)) }
  }

  /// Whether the keys go together that are given; reports those that do not.
  func checkKeys(of key: String, _ value: YAMLNode, _ reader: inout NodeReader) -> Bool {
    let isEach = key == "for_each"
    if let concurrency, !isEach {
      reader.report(.stepAction, "'concurrency' belongs to 'for_each'", at: concurrency.range)
      return false
    }
    if let first = actions.first, !isEach {
      let start = first.range.lowerBound..<first.range.lowerBound + 1
      reader.report(.stepAction, "'actions' belongs to 'for_each'", at: start)
      return false
    }
    if let waitFor, !isEach, key != "parallel" {
      reader.report(.stepAction, "'wait_for' belongs to 'parallel' and 'for_each'", at: waitFor.range)
      return false
    }
    if isEach, actions.isEmpty {
      reader.report(
        .missingKey,
        "'for_each' needs 'actions'",
        at: value.range,
        help: "what is done for each item"
      )
      return false
    }
    return true
  }

  private func each(
    _ value: YAMLNode,
    _ blocks: [Block],
    _ templates: TemplateReader,
    _ reader: inout NodeReader
  ) -> Step.Fork.Kind? {
    guard let items = templates.value(value, &reader), let block = blocks.first else { return nil }
    if let constant = items.constantJSON, constant.first != UInt8(ascii: "[") {
      reader.expected("a list", value, help: "write [a, b], or a list from an expression in ${{ }}")
      return nil
    }
    return .forEach(items: items, block, concurrency: concurrency?.count ?? 1)
  }

  private func call(
    _ value: YAMLNode,
    with: YAMLNode?,
    _ templates: TemplateReader,
    _ reader: inout NodeReader
  ) -> Step.Fork.Kind? {
    guard let rule = Shape.text.read(value, &reader) else { return nil }
    if let with, case .mapping = with.content {
    } else if let with {
      reader.expected("a mapping of names to values", with)
      return nil
    }
    let input = with.map { templates.value($0, &reader) } ?? .object([])
    return input.map { .call(rule: rule, input: $0) }
  }
}

extension Shape where Value == Step.Fork.WaitFor {
  /// `all`, `any`, or a number.
  static let waitFor = Shape(schema: [
    "anyOf": [["enum": ["all", "any"]], ["type": "integer", "minimum": 1]]
  ]) {
    node,
    reader in
    switch node.text {
    case "all": return .all
    case "any": return .count(1)
    default:
      if case .scalar(let scalar) = node.content, let count = scalar.value.int, count >= 1 {
        return .count(count)
      }
      let help = "write all, any, or how many branches must succeed"
      reader.report(.policy, "'\(node.text ?? "")' is not possible here", at: node.range, help: help)
      return nil
    }
  }
}

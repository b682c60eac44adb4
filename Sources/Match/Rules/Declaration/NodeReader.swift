// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import EventSources
import Expressions

/// Reads nodes of one file and gathers what is wrong with them.
struct NodeReader {
  let source: SourceText
  private(set) var bag = DiagnosticBag()

  init(source: SourceText) { self.source = source }

  /// Reports a mistake that somebody else found and named.
  mutating func report(_ problem: OptionProblem, at range: Range<Int>) {
    bag.add(Diagnostic(problem.code, problem.message, at: Diagnostic.Location(source, range)))
  }

  mutating func report(
    _ code: RuleCode,
    _ message: String,
    at range: Range<Int>,
    help: String? = nil,
    notes: [Diagnostic.Note] = []
  ) {
    bag.add(
      Diagnostic(code.rawValue, message, at: Diagnostic.Location(source, range), notes: notes, help: help)
    )
  }

  mutating func report(_ error: YAMLError) {
    let notes = error.note.map { [Diagnostic.Note($0.message, at: Diagnostic.Location(source, $0.range))] }
    bag.add(
      Diagnostic(
        error.code.rawValue,
        error.message,
        at: Diagnostic.Location(source, error.range),
        notes: notes ?? [],
        help: error.help
      )
    )
  }

  /// Reports an error of an expression inside a text.
  mutating func report(_ error: ExpressionError, in node: YAMLNode) {
    let range = node.place(of: error.range, in: source)
    bag.add(
      Diagnostic(error.code.rawValue, error.message, at: Diagnostic.Location(source, range), help: error.help)
    )
  }

  mutating func expected(_ what: String, _ node: YAMLNode, help: String? = nil) {
    report(.type, "\(what) was expected, not \(node.summary)", at: node.range, help: help)
  }
}

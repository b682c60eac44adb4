// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Testing

@Suite struct RenderingTests {
  private func diagnostic(_ text: String, _ part: String, name: String = "Rules/deploy.yaml") -> Diagnostic {
    let source = SourceText(name: name, bytes: Array(text.utf8))
    let start =
      text.firstRange(of: part).map { text.utf8.distance(from: text.startIndex, to: $0.lowerBound) } ?? 0
    return Diagnostic(
      "rule-unknown-key",
      "unknown key '\(part)'",
      at: .init(source, start..<start + part.utf8.count),
      help: "did you mean 'when'?"
    )
  }

  @Test func `points at the place with a caret`() {
    let text = "rules:\n  deploy:\n    wehn: true\n"
    #expect(
      DiagnosticRenderer().picture(diagnostic(text, "wehn")) == """
        Rules/deploy.yaml:3:5: error: unknown key 'wehn' [rule-unknown-key]
         3 |     wehn: true
           |     ^~~~
        help: did you mean 'when'?
        """
    )
  }

  @Test func `keeps the caret in place behind wide characters, marks and tabs`() {
    let picture = DiagnosticRenderer().picture(diagnostic("\t日本e\u{301}: wehn", "wehn"))
    let lines = picture.split(separator: "\n")
    #expect(lines[0].hasPrefix("Rules/deploy.yaml:1:8:"))
    #expect(lines[2] == "   |          ^~~~")
  }

  @Test func `says it in one line too`() {
    #expect(
      DiagnosticRenderer().line(diagnostic("wehn: 1", "wehn"))
        == "Rules/deploy.yaml:1:1: error: unknown key 'wehn' [rule-unknown-key]"
    )
  }

  @Test func `never lets foreign bytes reach the terminal as they are`() {
    let picture = DiagnosticRenderer().picture(
      diagnostic("a: \u{1B}[2J\u{202E}x wehn", "wehn", name: "a\u{7}.yaml")
    )
    #expect(picture.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && $0.value != 0x202E) })
    #expect(picture.contains(#"\x1b[2J\u{202e}x"#))
  }

  @Test func `marks the end of a text that is too short`() {
    let source = SourceText(name: "x", bytes: Array("a:\n".utf8))
    let picture = DiagnosticRenderer().picture(Diagnostic("c", "m", at: .init(source, 99..<99)))
    #expect(picture == "x:2:1: error: m [c]\n 2 | \n   | ^")
  }

  @Test func `colours only when asked`() {
    let plain = diagnostic("wehn", "wehn")
    #expect(!DiagnosticRenderer().picture(plain).contains("\u{1B}"))
    #expect(DiagnosticRenderer(usesColor: true).picture(plain).contains("\u{1B}[1;31merror\u{1B}[0m"))
  }

  @Test func `keeps the first hundred and counts the rest`() {
    var bag = DiagnosticBag()
    for _ in 0..<130 { bag.add(diagnostic("wehn", "wehn")) }
    #expect(bag.diagnostics.count == 100)
    #expect(bag.omitted == 30)
    #expect(bag.hasErrors)
  }
}

@Suite struct SuggestionTests {
  private let names = ["trigger", "condition", "actions", "mode", "retry"]

  @Test(arguments: [
    ("triger", "trigger"), ("tirgger", "trigger"), ("Condition", "condition"), ("action", "actions"),
    ("mod", "mode"), ("rerty", "retry"),
  ])
  func `finds what was meant`(wrong: String, right: String) {
    #expect(Suggestion.closest(to: wrong, among: names) == right)
  }

  @Test(arguments: ["", "x", "schedule", "on", "reply to"])
  func `does not guess wildly`(name: String) {
    #expect(Suggestion.closest(to: name, among: names) == nil)
  }

  @Test func `lists the valid names when nothing is close`() {
    #expect(Suggestion.help(for: "schedule", among: ["b", "a"]) == "valid here: a, b")
    #expect(Suggestion.help(for: "schedule", among: (0..<20).map { "name\($0)" }) == nil)
  }
}

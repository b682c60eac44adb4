// SPDX-License-Identifier: Apache-2.0

import Rules

/// Results of tests in the XML that build servers read (JUnit's, as written by Ant).
public enum JUnitReport {
  /// The document, one suite for each rule.
  public static func text(_ results: [RuleTests.Result]) -> String {
    let rules = results.map(\.rule).reduce(into: [String]()) { rules, rule in
      if rules.last != rule { rules.append(rule) }
    }
    let suites = rules.map { rule in suite(rule, results.filter { $0.rule == rule }) }
    let failures = results.count { !$0.problems.isEmpty }
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites tests="\(results.count)" failures="\(failures)">
      \(suites.joined(separator: "\n"))
      </testsuites>

      """
  }

  private static func suite(_ rule: String, _ results: [RuleTests.Result]) -> String {
    let failures = results.count { !$0.problems.isEmpty }
    let cases = results.map { result in
      let place = result.test.place
      let opening =
        "    <testcase classname=\"\(escaped(rule))\" name=\"\(escaped(result.test.name))\""
        + " file=\"\(escaped(place.file))\" line=\"\(place.line)\""
      guard !result.problems.isEmpty else { return opening + "/>" }
      let text = escaped(result.problems.joined(separator: "\n"))
      return opening + "><failure message=\"\(escaped(result.problems[0]))\">\(text)</failure></testcase>"
    }
    return """
        <testsuite name="\(escaped(rule))" tests="\(results.count)" failures="\(failures)">
      \(cases.joined(separator: "\n"))
        </testsuite>
      """
  }

  /// Text for XML 1.0, which has no control characters.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n": result += "&#10;"
      case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

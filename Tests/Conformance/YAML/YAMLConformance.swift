// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Testing

@testable import Rules

/// The YAML test suite, read through the system's libyaml.
///
/// Where the vectors say that libyaml differs from YAML 1.2, its own verdict is what is expected.
@Suite(.enabled(if: Vectors.exist(for: "yaml"), "no vectors: set EARSHOT_CONFORMANCE"))
struct YAMLConformance {
  @Test func `reads the events of the suite as libyaml does`() throws {
    var tally = Tally(suite: "yaml")
    for vector in try Vectors.load("yaml", "yaml.json") {
      let (events, error) = Self.read(vector["yaml"]?.string ?? "")
      let expected = vector["events"]?.string ?? ""
      let (passed, remark) = Self.judge(vector, events, error, expected)
      tally.count(vector, passed: passed, remark)
    }
    tally.report()
  }

  private static func judge(
    _ vector: JSONView,
    _ events: String,
    _ error: YAMLError?,
    _ expected: String
  ) -> (Bool, String) {
    let fails = vector["fail"]?.bool == true
    switch vector["libyaml"]?.string {
    case "agree" where fails, "rejects-valid":
      guard let error else { return (false, "was accepted") }
      let problem = vector["libyaml_error"]?["problem"]?.string
      return (problem == nil || error.message == problem, "said \(error.message)")
    case "agree": return (error == nil && events == expected, "gave \(error?.message ?? events)")
    case "accepts-invalid": return (error == nil, "said \(error?.message ?? "")")
    default: return (error == nil && events != expected, "now agrees with YAML 1.2")
    }
  }

  @Test func `composes the values of the suite`() throws {
    var tally = Tally(suite: "yaml values")
    for vector in try Vectors.load("yaml", "yaml.json") where vector["libyaml"]?.string == "agree" {
      guard vector["fail"]?.bool != true, let json = vector["json"]?.string else { continue }
      let (root, errors) = YAMLComposer.compose(Array((vector["yaml"]?.string ?? "").utf8))
      // What is YAML and yet no rule file: such a vector has no value to compare.
      let refusals: Set<YAMLError.Code> = [.tag, .complexKey, .duplicateKey, .manyDocuments, .alias]
      if !errors.isEmpty, errors.allSatisfy({ refusals.contains($0.code) }) { continue }
      if json.allSatisfy(\.isWhitespace) {
        // The suite's JSON of a stream without a document is no text at all.
        tally.count(vector, passed: errors.isEmpty && root == nil, "gave \(errors)")
        continue
      }
      guard errors.isEmpty, let expected = try? JSONValue(json: Array(json.utf8)) else {
        tally.count(vector, passed: false, "gave \(errors)")
        continue
      }
      guard let root else {
        tally.count(vector, passed: false, "gave nothing")
        continue
      }
      tally.count(
        vector,
        passed: Self.normal(root.json) == Self.normal(expected),
        "gave \(root.json.json), not \(expected.json)"
      )
    }
    tally.report()
  }

  /// Sorts members and takes numbers by value.
  private static func normal(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let members):
      .object(
        members.map { JSONValue.Member($0.key, normal($0.value)) }.sorted { $0.key < $1.key }
      )
    case .array(let elements): .array(elements.map(normal))
    case .number(let text): .number(Double(text).map { "\($0)" } ?? text)
    default: value
    }
  }

  private static func read(_ text: String) -> (String, YAMLError?) {
    let reader = YAMLEventReader(Array(text.utf8))
    var lines = ""
    do throws(YAMLError) {
      while true {
        let event = try reader.next()
        lines += line(event) + "\n"
        if event.kind == .streamEnd { return (lines, nil) }
      }
    } catch {
      return (lines, error)
    }
  }

  /// An event in the notation of the suite.
  private static func line(_ event: YAMLEvent) -> String {
    var words: [String]
    switch event.kind {
    case .streamStart: return "+STR"
    case .streamEnd: return "-STR"
    case .documentStart(let isExplicit): return isExplicit ? "+DOC ---" : "+DOC"
    case .documentEnd(let isExplicit): return isExplicit ? "-DOC ..." : "-DOC"
    case .alias: return "=ALI *\(event.anchor ?? "")"
    case .sequenceEnd: return "-SEQ"
    case .mappingEnd: return "-MAP"
    case .sequenceStart(let isFlow): words = isFlow ? ["+SEQ", "[]"] : ["+SEQ"]
    case .mappingStart(let isFlow): words = isFlow ? ["+MAP", "{}"] : ["+MAP"]
    case .scalar: words = ["=VAL"]
    }
    if let anchor = event.anchor { words.append("&\(anchor)") }
    if let tag = event.tag { words.append("<\(tag)>") }
    if event.kind == .scalar { words.append("\(event.style.rawValue)\(escaped(event.text))") }
    return words.joined(separator: " ")
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case "\u{8}": result += "\\b"
      case "\0": result += "\\0"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

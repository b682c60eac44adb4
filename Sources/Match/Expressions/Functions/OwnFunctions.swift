// SPDX-License-Identifier: Apache-2.0

import Crypto
import EventModel

/// The few functions that are this product's own: JSON within texts, hashes, and paths of files.
///
/// `now()` and `secret(…)` are macros, since they stand for variables.
extension FunctionTable {
  static let own: [Function] = [
    .unary("json", [.init([.string], .dyn), .init([.bytes], .dyn)]) { (value) throws(EvaluationError) in
      switch value {
      case .string(let text), .bytes(let text): return try parsed(text)
      default: throw .noOverload("json", value)
      }
    },
    .unary("json.encode", [.init([.parameter("A")], .string)]) { (value) throws(EvaluationError) in
      guard let json = value.json else {
        throw EvaluationError(.argument, "\(value.shortText) is nothing that JSON can say")
      }
      return .text(json.json)
    },
    .unary("hash", [.init([.string], .string), .init([.bytes], .string)]) { (value) throws(EvaluationError) in
      switch value {
      case .string(let text), .bytes(let text):
        return .text(
          text.slice.withUnsafeBytes { SHA256.hash(data: $0).withUnsafeBytes { Hexadecimal.text($0) } }
        )
      default: throw .noOverload("hash", value)
      }
    },
    path("path.name") { name(of: $0) }, path("path.stem") { split(name(of: $0)).stem },
    path("path.extension") { split(name(of: $0)).ending }, path("path.parent", parent),
    .global("path.join", [.list(.string)], .string) { (values) throws(EvaluationError) in
      var result: [UInt8] = []
      for part in try Arguments("path.join", values).list(0) {
        guard case .string(let text) = part else { throw .noOverload("path.join", part) }
        // An absolute part begins anew, as everywhere.
        if text.slice.first == slash { result = [] }
        if let last = result.last, last != slash { result.append(slash) }
        result += text.slice
      }
      return .string(Text(result))
    },
  ]

  private static let slash = UInt8(ascii: "/")

  private static func parsed(_ text: Text) throws(EvaluationError) -> Value {
    do throws(JSONError) {
      return JSONContent(try JSONDocument(text.array)).value(at: 0)
    } catch {
      throw EvaluationError(.argument, "the text is not JSON: \(error.message) at byte \(error.offset)")
    }
  }

  private static func path(_ function: String, _ body: @escaping @Sendable (Text) -> Text) -> Function {
    .unary(function, [.init([.string], .string)]) { (value) throws(EvaluationError) in
      .string(body(try Arguments(function, [value]).text(0)))
    }
  }

  /// The last part of a path; slashes at its end do not count.
  private static func name(of path: Text) -> Text {
    let trimmed = withoutTrailingSlashes(path)
    guard let last = trimmed.slice.lastIndex(of: slash) else { return trimmed }
    return trimmed[last - trimmed.slice.startIndex + 1..<trimmed.count]
  }

  private static func withoutTrailingSlashes(_ path: Text) -> Text {
    var end = path.count
    let slice = path.slice
    while end > 1, slice[slice.startIndex + end - 1] == slash { end -= 1 }
    return path[0..<end]
  }

  /// What comes before the last part; `.` when there is nothing, `/` at the root.
  @Sendable
  private static func parent(_ path: Text) -> Text {
    let trimmed = withoutTrailingSlashes(path)
    guard let last = trimmed.slice.lastIndex(of: slash) else { return Text(".") }
    let end = last - trimmed.slice.startIndex
    return end == 0 ? Text("/") : withoutTrailingSlashes(trimmed[0..<end])
  }

  /// A name without and its ending with the last dot; a dot at the beginning belongs to the name.
  private static func split(_ name: Text) -> (stem: Text, ending: Text) {
    guard let dot = name.slice.lastIndex(of: UInt8(ascii: ".")), dot > name.slice.startIndex else {
      return (name, Text(""))
    }
    let place = dot - name.slice.startIndex
    return (name[0..<place], name[place..<name.count])
  }
}

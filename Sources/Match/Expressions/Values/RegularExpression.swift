// SPDX-License-Identifier: Apache-2.0

import CRE2

/// A regular expression of RE2, which matches in linear time whatever it is.
///
/// Never changes, and RE2 lets any number of threads match with one expression.
// The pointer is to an object that is only read until deinit.
final class RegularExpression: @unchecked Sendable {
  /// The most memory that one expression may take, which bounds repetitions such as `x{1000}{1000}`.
  private static let memoryLimit = 1 << 20

  private let handle: OpaquePointer

  init(_ pattern: Text) throws(EvaluationError) {
    var message = [CChar](repeating: 0, count: 256)
    let handle = pattern.withBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        earshot_regex_new(characters.baseAddress, characters.count, Self.memoryLimit, &message, message.count)
      }
    }
    guard let handle else {
      let reason = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw EvaluationError(.argument, "this is no regular expression: \(reason)")
    }
    self.handle = handle
  }

  deinit { earshot_regex_free(handle) }

  /// Whether the expression matches somewhere within a text.
  func matches(_ text: Text) -> Bool {
    text.withBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) { earshot_regex_matches(handle, $0.baseAddress, $0.count) }
    }
  }

  /// The number of groups in parentheses.
  var groups: Int { Int(earshot_regex_groups(handle)) }

  /// The first match from an offset on, and its groups; nil for a group that took no part.
  func find(in text: Text, from start: Int) -> [Range<Int>?]? {
    let count = groups + 1
    var offsets = [Int](repeating: -1, count: 2 * count)
    let isFound = text.withBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        earshot_regex_find(handle, $0.baseAddress, $0.count, start, &offsets, Int32(count))
      }
    }
    guard isFound else { return nil }
    return (0..<count).map { offsets[2 * $0] < 0 ? nil : offsets[2 * $0]..<offsets[2 * $0 + 1] }
  }
}

// SPDX-License-Identifier: Apache-2.0

import Diagnostics

extension YAMLNode {
  /// Where a part of a scalar's text stands in the file.
  ///
  /// Where the text stands there as it is, by counting. In a block or with escapes, by looking for the part, which is
  /// found if it stands on one line and nowhere else in the scalar; otherwise the whole scalar is meant.
  func place(of part: Range<Int>, in source: SourceText) -> Range<Int> {
    guard case .scalar(let scalar) = content else { return range }
    if let start = scalar.contentStart { return start + part.lowerBound..<start + part.upperBound }
    let text = Array(scalar.text.utf8)
    guard !part.isEmpty, part.upperBound <= text.count else { return range }
    let written = source.bytes[range]
    let found = written.ranges(of: text[part])
    return found.count == 1 ? found[0] : range
  }
}

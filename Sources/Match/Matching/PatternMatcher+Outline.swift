// SPDX-License-Identifier: Apache-2.0

extension PatternMatcher {
  /// The structure of the matcher in words: the paths that are looked at, and what is filed under each.
  ///
  /// For people who want to see why matching costs what it does: a conjunction that is filed under "any value" is
  /// looked at for each event that has one there, and one under "always" for each event.
  public var outline: String {
    var lines = ["\(conjunctionCount) conjunctions of \(patternCount) patterns, \(pathCount) paths"]
    let always = index.always.count
    if always > 0 { lines.append("always: \(always)") }
    for path in pathTexts.sorted(by: { $0.text < $1.text }) {
      let filed = index.outline(of: path.number)
      lines.append("\(path.text): " + (filed.isEmpty ? "only looked at" : filed.joined(separator: ", ")))
    }
    return lines.joined(separator: "\n")
  }
}

extension AnchorIndex {
  /// What is filed under a path, each with how many conjunctions.
  func outline(of path: Int) -> [String] {
    let names: [(Anchor.Shape.Family, String)] = [
      (.value, "values"), (.text, "texts"), (.prefix, "beginnings"), (.suffix, "ends"),
      (.both, "beginnings with ends"), (.part, "parts"), (.folded, "texts in any case"),
      (.address, "addresses"),
      (.anything, "any value"), (.range, "ranges"),
    ]
    return names.compactMap { family, name in filedCounts[path][family].map { "\($0) \(name)" } }
  }
}

// SPDX-License-Identifier: Apache-2.0

/// Finds what a person may have meant by a misspelt name.
public enum Suggestion {
  /// The closest of the valid names, if it is close enough to be meant.
  ///
  /// Close enough is an edit distance of at most 2 and less than half of the length of the name; insertions,
  /// deletions, substitutions and swaps of neighbours count one each (optimal string alignment).
  public static func closest(to name: String, among names: some Sequence<String>) -> String? {
    let wanted = Array(name.lowercased().unicodeScalars)
    let limit = min(2, max(1, (wanted.count - 1) / 2))
    return
      names
      .map { (name: $0, distance: distance(wanted, Array($0.lowercased().unicodeScalars))) }
      .filter { $0.distance <= limit }
      .min { ($0.distance, $0.name) < ($1.distance, $1.name) }?
      .name
  }

  /// A sentence for a diagnostic's help: the closest name, or all names when there are few.
  public static func help(for name: String, among names: some Sequence<String>) -> String? {
    let names = names.sorted()
    if let closest = closest(to: name, among: names) { return "did you mean '\(closest)'?" }
    guard !names.isEmpty, names.count <= 12 else { return nil }
    return "valid here: " + names.joined(separator: ", ")
  }

  private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    if abs(left.count - right.count) > 2 { return .max }
    var before: [Int] = []
    var previous = Array(0...right.count)
    for row in 0..<left.count {
      var current = [row + 1]
      for column in 0..<right.count {
        var best = min(previous[column + 1], current[column]) + 1
        best = min(best, previous[column] + (left[row] == right[column] ? 0 : 1))
        if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
          best = min(best, before[column - 1] + 1)
        }
        current.append(best)
      }
      before = previous
      previous = current
    }
    return previous[right.count]
  }
}

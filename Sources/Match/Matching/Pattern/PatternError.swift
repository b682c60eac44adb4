// SPDX-License-Identifier: Apache-2.0

/// Why a pattern cannot be compiled.
public struct PatternError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, in words.
  public let message: String
  /// The keys and element numbers that lead to the place, from the pattern's root.
  public let place: [Step]

  /// One step toward a place in a pattern.
  public enum Step: Hashable, Sendable {
    case key(String)
    case element(Int)
  }

  init(_ message: String, at place: [Step] = []) {
    self.message = message
    self.place = place
  }

  func within(_ step: Step) -> PatternError { PatternError(message, at: [step] + place) }

  /// The message and the place in words.
  public var description: String {
    let way = place.map { step in
      switch step {
      case .key(let key): key
      case .element(let index): "[\(index)]"
      }
    }
    return way.isEmpty ? message : "\(way.joined(separator: ".")): \(message)"
  }
}

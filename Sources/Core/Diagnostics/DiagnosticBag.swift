// SPDX-License-Identifier: Apache-2.0

/// What was found so far; keeps the first hundred and counts the rest.
public struct DiagnosticBag: Sendable {
  /// The number of diagnostics after which a bag only counts.
  public static let limit = 100

  /// The diagnostics in the order in which they were found.
  public private(set) var diagnostics: [Diagnostic] = []
  /// How many were left out.
  public private(set) var omitted = 0
  /// Whether there was an error, left out or not.
  public private(set) var hasErrors = false

  /// Makes an empty bag.
  public init() {}

  /// Adds a diagnostic.
  public mutating func add(_ diagnostic: Diagnostic) {
    if diagnostic.severity == .error { hasErrors = true }
    if diagnostics.count < Self.limit { diagnostics.append(diagnostic) } else { omitted += 1 }
  }

  /// Adds what another bag holds.
  public mutating func add(_ other: DiagnosticBag) {
    for diagnostic in other.diagnostics { add(diagnostic) }
    omitted += other.omitted
    hasErrors = hasErrors || other.hasErrors
  }

  /// The diagnostics by file and place.
  public var sorted: [Diagnostic] {
    diagnostics.enumerated().sorted { left, right in
      let (first, second) = (left.element.location, right.element.location)
      return (first.source.name, first.range.lowerBound, left.offset)
        < (second.source.name, second.range.lowerBound, right.offset)
    }.map(\.element)
  }
}

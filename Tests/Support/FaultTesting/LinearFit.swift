// SPDX-License-Identifier: Apache-2.0

/// The straight line that lies nearest to some points.
public struct LinearFit: Sendable {
  /// How much the line rises for each step to the right.
  public let slope: Double
  /// How much it rises from the first point to the last.
  public let rise: Double

  /// Fits a line to points; fewer than two make a level one.
  public init(_ points: [(x: Double, y: Double)]) {
    let count = Double(max(points.count, 1))
    let (x, y) = (points.reduce(0) { $0 + $1.x } / count, points.reduce(0) { $0 + $1.y } / count)
    let products = points.reduce(0) { $0 + ($1.x - x) * ($1.y - y) }
    let squares = points.reduce(0) { $0 + ($1.x - x) * ($1.x - x) }
    slope = squares == 0 ? 0 : products / squares
    rise = slope * ((points.last?.x ?? 0) - (points.first?.x ?? 0))
  }
}

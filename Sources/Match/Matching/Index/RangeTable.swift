// SPDX-License-Identifier: Apache-2.0

/// Ranges of numbers, of which those are found that a value may lie in.
///
/// Ranges of like width share a band, ascending by lower bound. In a band only the ranges can hold a value whose lower
/// bound lies at most the band's greatest width below it, and these stand side by side; widths within a band differ by
/// no more than sixteen times, so few of them do not hold it. Ranges without one of the bounds are bands of their own,
/// in which all that are visited hold the value. So the cost depends on what is found and hardly on what is not.
struct RangeTable: Sendable {
  private struct Band: Sendable {
    let width: Double
    var lowers: [Double] = []
    var uppers: [Double] = []
    var numbers: [UInt32] = []
  }

  private var bands: [Band] = []
  /// Ranges without a lower bound, descending by upper bound.
  private var heads = Band(width: .infinity)
  /// Ranges without an upper bound, ascending by lower bound.
  private var tails = Band(width: .infinity)

  var isEmpty: Bool { bands.isEmpty && heads.numbers.isEmpty && tails.numbers.isEmpty }

  init(_ ranges: [(range: NumericRange, number: Int)]) {
    let bounded = ranges.filter { $0.range.lower.isFinite && $0.range.upper.isFinite }
    let groups = Dictionary(grouping: bounded) { Self.magnitude($0.range.upper - $0.range.lower) }
    bands = groups.sorted { $0.key < $1.key }.map { _, members in
      let width = members.map { $0.range.upper - $0.range.lower }.max() ?? 0
      return Self.band(members.sorted { $0.range.lower < $1.range.lower }, width: width)
    }
    heads = Self.band(
      ranges.filter { !$0.range.lower.isFinite }.sorted { $0.range.upper > $1.range.upper },
      width: .infinity
    )
    tails = Self.band(
      ranges.filter { $0.range.lower.isFinite && !$0.range.upper.isFinite }.sorted {
        $0.range.lower < $1.range.lower
      },
      width: .infinity
    )
  }

  /// The power of sixteen of a width.
  private static func magnitude(_ width: Double) -> Int { width > 0 ? Int(width.exponent) >> 2 : .min }

  private static func band(_ ranges: [(range: NumericRange, number: Int)], width: Double) -> Band {
    var band = Band(width: width)
    for (range, number) in ranges {
      band.lowers.append(range.lower)
      band.uppers.append(range.upper)
      band.numbers.append(UInt32(number))
    }
    return band
  }

  /// Calls `body` with the number of each range that shares a value with `values`, bounds included.
  @inline(__always)
  func forEach(_ values: ClosedRange<Double>, _ body: (Int) -> Void) {
    for band in bands.indices {
      // Rounding must not leave out a range at the edge.
      let width = bands[band].width
      let least = values.lowerBound - width - (values.lowerBound.magnitude + width) * 0x1p-50
      var place = firstPlace(in: bands[band].lowers, notBelow: least)
      while place < bands[band].lowers.count, bands[band].lowers[place] <= values.upperBound {
        if bands[band].uppers[place] >= values.lowerBound { body(Int(bands[band].numbers[place])) }
        place += 1
      }
    }
    for place in tails.lowers.indices {
      guard tails.lowers[place] <= values.upperBound else { break }
      body(Int(tails.numbers[place]))
    }
    for place in heads.uppers.indices {
      guard heads.uppers[place] >= values.lowerBound else { break }
      body(Int(heads.numbers[place]))
    }
  }

  private func firstPlace(in bounds: [Double], notBelow value: Double) -> Int {
    var low = 0
    var high = bounds.count
    while low < high {
      let middle = (low + high) / 2
      if bounds[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

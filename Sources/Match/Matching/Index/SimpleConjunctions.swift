// SPDX-License-Identifier: Apache-2.0

/// The conjunctions of one condition with one text or range, which most patterns are, in a form that is read at one place.
///
/// With many patterns each further place in memory costs more than all that is computed, so owner and text of such a
/// conjunction are not looked for where those of others are. What brings it up is the very leaf that decides.
final class SimpleConjunctions: Sendable {
  private enum Kind: UInt8 {
    /// It is not of this form.
    case none
    case text, prefix, suffix, range
  }

  private struct Entry {
    let owner: UInt32
    /// The place in the texts or ranges.
    let start: UInt32
    let count: UInt32
    let kind: Kind
  }

  private struct Builder {
    var texts: [UInt8] = []
    var ranges: [NumericRange] = []

    mutating func entry(_ pattern: ValuePattern?, owner: Int) -> Entry {
      switch pattern {
      case .literal(.string(let text))?: return entry(.text, text, owner)
      case .text(.prefix(let text))?: return entry(.prefix, text, owner)
      case .text(.suffix(let text))?: return entry(.suffix, text, owner)
      case .numeric(let range)?:
        ranges.append(range)
        return Entry(owner: UInt32(owner), start: UInt32(ranges.count - 1), count: 0, kind: .range)
      default: return Entry(owner: UInt32(owner), start: 0, count: 0, kind: .none)
      }
    }

    private mutating func entry(_ kind: Kind, _ text: [UInt8], _ owner: Int) -> Entry {
      let start = texts.count
      texts += text
      return Entry(owner: UInt32(owner), start: UInt32(start), count: UInt32(text.count), kind: kind)
    }
  }

  private let entries: [Entry]
  private let texts: [UInt8]
  private let ranges: [NumericRange]

  init(_ conjunctions: [[PatternCondition]], owners: [Int]) {
    var builder = Builder()
    entries = zip(conjunctions, owners).map { conjunction, owner in
      let isSimple = conjunction.count == 1 && conjunction[0].allowed.count == 1
      return builder.entry(isSimple ? conjunction[0].allowed[0] : nil, owner: owner)
    }
    texts = builder.texts
    ranges = builder.ranges
  }

  /// Whether a conjunction of this form holds for the leaf that brought it up, and whose it is; nil for another form.
  @inline(__always)
  func verdict(_ conjunction: Int, _ leaf: LeafView) -> (holds: Bool, owner: Int)? {
    let entry = entries[conjunction]
    switch entry.kind {
    case .none: return nil
    case .text:
      return (
        leaf.kind == .string && Int(entry.count) == leaf.bytes.count && isAt(0, entry, leaf), Int(entry.owner)
      )
    case .prefix: return (leaf.kind == .string && isAt(0, entry, leaf), Int(entry.owner))
    case .suffix:
      return (
        leaf.kind == .string && isAt(leaf.bytes.count - Int(entry.count), entry, leaf), Int(entry.owner)
      )
    case .range:
      let isInside = leaf.kind == .number && ranges[Int(entry.start)].contains(NumberText(leaf.bytes))
      return (isInside, Int(entry.owner))
    }
  }

  /// Whether an entry's text stands at a place of a leaf.
  @inline(__always)
  private func isAt(_ place: Int, _ entry: Entry, _ leaf: LeafView) -> Bool {
    guard place >= 0, place + Int(entry.count) <= leaf.bytes.count else { return false }
    let start = Int(entry.start)
    for offset in 0..<Int(entry.count) where texts[start + offset] != leaf.bytes[place + offset] {
      return false
    }
    return true
  }
}

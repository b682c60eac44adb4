// SPDX-License-Identifier: Apache-2.0

/// Whether there is a choice of one leaf for each condition that takes no two elements of one array.
///
/// Tries leaves in turn and goes back where a later condition has none (`trial`), which ends soon for patterns and
/// events as they are. Where it does not, all choices are followed at once (`followAll`), as the set of different ways in
/// which array elements have been fixed so far; an array in which no later condition has a leaf is forgotten, since it
/// cannot matter any more.
struct ArrayConsistency {
  private typealias Membership = EventFields.Membership

  /// How many leaves a trial looks at before it is given up.
  private static let trialLimit = 2000

  private let conjunction: [PatternCondition]
  private let leaves: Leaves
  private var fixed: [Membership] = []
  private var looks = 0

  static func holds(_ conjunction: [PatternCondition], _ leaves: Leaves) -> Bool {
    if conjunction.count == 1 { return leaves.meet(conjunction[0]) }
    var consistency = ArrayConsistency(conjunction: conjunction, leaves: leaves)
    return consistency.trial(0) ?? consistency.followAll()
  }

  private init(conjunction: [PatternCondition], leaves: Leaves) {
    self.conjunction = conjunction
    self.leaves = leaves
  }

  /// Whether the conditions from a number on can be met; nil when that takes too long to find out so.
  private mutating func trial(_ number: Int) -> Bool? {
    guard number < conjunction.count else { return true }
    let condition = conjunction[number]
    var place = leaves.head(of: condition.path)
    var isAbsent = true
    var tried: UInt32?
    while place >= 0 {
      looks += 1
      if looks > Self.trialLimit { return nil }
      let leaf = leaves.leaf(place)
      let count = fixed.count
      // What lies in the same element as a leaf that was tried in vain leads no further.
      let isNew = leaf.memberships == 0 || tried != leaf.firstMembership
      if (isNew || condition.allowsAbsence) && fix(leaf) {
        isAbsent = false
        if isNew, condition.allows(leaves.view(place)) {
          guard let holds = trial(number + 1) else { return nil }
          if holds { return true }
          if leaf.memberships == 0 { return false }
          tried = leaf.firstMembership
        }
      }
      fixed.removeLast(fixed.count - count)
      place = leaves.next(place)
    }
    return isAbsent && condition.allowsAbsence ? trial(number + 1) : false
  }

  /// Fixes the elements that a leaf lies in, unless others of the same arrays are fixed.
  private mutating func fix(_ leaf: EventFields.Leaf) -> Bool {
    let count = fixed.count
    for membership in leaves.memberships(of: leaf) {
      var isKnown = false
      for known in 0..<count where fixed[known].array == membership.array {
        if fixed[known].element != membership.element {
          fixed.removeLast(fixed.count - count)
          return false
        }
        isKnown = true
      }
      if !isKnown { fixed.append(membership) }
    }
    return true
  }

  private func followAll() -> Bool {
    let later = laterArrays
    var choices: Set<[Membership]> = [[]]
    for (number, condition) in conjunction.enumerated() {
      var next: Set<[Membership]> = []
      let found = places(of: condition.path).map { (place: $0, memberships: memberships(of: $0)) }
      let allowed = found.filter { condition.allows(leaves.view($0.place)) }
      let ways = Set(allowed.map(\.memberships))
      for choice in choices {
        if condition.allowsAbsence, !found.contains(where: { Self.merge(choice, $0.memberships) != nil }) {
          next.insert(choice.filter { later[number].contains($0.array) })
        }
        for way in ways {
          guard let merged = Self.merge(choice, way) else { continue }
          next.insert(merged.filter { later[number].contains($0.array) })
        }
      }
      if next.isEmpty { return false }
      choices = next
    }
    return true
  }

  private func places(of path: Int) -> [Int] {
    var places: [Int] = []
    var place = leaves.head(of: path)
    while place >= 0 {
      places.append(place)
      place = leaves.next(place)
    }
    return places
  }

  private func memberships(of place: Int) -> [Membership] {
    Array(leaves.memberships(of: leaves.leaf(place)))
  }

  /// For each condition the arrays in which conditions after it have leaves.
  private var laterArrays: [Set<Int>] {
    var arrays: Set<Int> = []
    var result: [Set<Int>] = []
    for condition in conjunction.reversed() {
      result.append(arrays)
      for place in places(of: condition.path) { arrays.formUnion(memberships(of: place).lazy.map(\.array)) }
    }
    return result.reversed()
  }

  /// Both sets of fixed elements, ordered by array, or nil when they disagree.
  private static func merge(_ left: [Membership], _ right: [Membership]) -> [Membership]? {
    var merged = left
    for membership in right {
      if let known = merged.first(where: { $0.array == membership.array }) {
        if known.element != membership.element { return nil }
      } else {
        merged.append(membership)
      }
    }
    return merged.sorted { $0.array < $1.array }
  }
}

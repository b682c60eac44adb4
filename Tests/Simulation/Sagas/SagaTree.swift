// SPDX-License-Identifier: Apache-2.0

/// A step of a made-up rule, with the steps in it.
indirect enum SagaStep {
  /// Something that a listener does, which may fail, and perhaps what takes it back.
  case deed(Int, isUndoable: Bool, continues: Bool)
  /// Blocks side by side, of which so many must succeed.
  case parallel([[SagaStep]], needed: Int?, continues: Bool)
  /// A block for each of so many items.
  case each(Int, [SagaStep], needed: Int?, concurrency: Int)
  /// One of two blocks.
  case choose(Bool, [SagaStep], [SagaStep])
  /// The block of another rule.
  case call(Int, [SagaStep])
  /// The run is given up.
  case fail
}

/// Makes steps up.
struct SagaMaker {
  let chance: Chance
  private var deeds = 0
  private var calls = 0

  init(_ chance: Chance) { self.chance = chance }

  mutating func block(depth: Int = 0) -> [SagaStep] {
    (0..<chance.number(1...(depth == 0 ? 4 : 3))).map { _ in step(depth) }
  }

  private mutating func step(_ depth: Int) -> SagaStep {
    guard depth < 3 else { return deed() }
    switch chance.below(12) {
    case 0, 1:
      let blocks = (0..<chance.number(1...3)).map { _ in block(depth: depth + 1) }
      let needed = chance.once(in: 3) ? chance.number(1...blocks.count) : nil
      return .parallel(blocks, needed: needed, continues: chance.once(in: 6))
    case 2:
      let count = chance.number(0...3)
      let needed = count > 0 && chance.once(in: 3) ? chance.number(1...count) : nil
      return .each(count, block(depth: depth + 1), needed: needed, concurrency: chance.number(1...3))
    case 3: return .choose(chance.once(in: 2), block(depth: depth + 1), block(depth: depth + 1))
    case 4:
      calls += 1
      return .call(calls, block(depth: depth + 1))
    case 5 where chance.once(in: 4): return .fail
    default: return deed()
    }
  }

  private mutating func deed() -> SagaStep {
    deeds += 1
    return .deed(deeds, isUndoable: !chance.once(in: 3), continues: chance.once(in: 8))
  }
}

/// What is to happen with made-up steps, found by going through them.
///
/// A deed is named by its number and by the items for which it is done.
struct SagaModel {
  /// Whether a deed of this name succeeds.
  let succeeds: (String) -> Bool

  /// Whether a block succeeds.
  func holds(_ block: [SagaStep], at path: String) -> Bool {
    block.allSatisfy { step in
      switch step {
      case .deed(let number, _, let continues): continues || succeeds("\(number)@\(path)")
      case .parallel(let blocks, let needed, let continues):
        continues || blocks.count { holds($0, at: path) } >= needed ?? blocks.count
      case .each(let count, let block, let needed, _):
        (0..<count).count { holds(block, at: "\(path).\($0)") } >= needed ?? count
      case .choose(let isFirst, let first, let second): holds(isFirst ? first : second, at: path)
      case .call(let number, let block): holds(block, at: "\(path)c\(number)")
      case .fail: false
      }
    }
  }

  /// For each deed that may be done, where it stands: the places in blocks one after another, and those side by side.
  static func places(_ block: [SagaStep], at path: String, _ before: [Place] = []) -> [String: [Place]] {
    var found: [String: [Place]] = [:]
    for (index, step) in block.enumerated() {
      let here = before + [.inTurn(index)]
      switch step {
      case .deed(let number, _, _): found["\(number)@\(path)"] = here
      case .parallel(let blocks, _, _):
        for (place, inner) in blocks.enumerated() {
          found.merge(places(inner, at: path, here + [.aside(place)])) { first, _ in first }
        }
      case .each(let count, let inner, _, _):
        for place in 0..<count {
          found.merge(places(inner, at: "\(path).\(place)", here + [.aside(place)])) { first, _ in first }
        }
      case .choose(let isFirst, let first, let second):
        found.merge(places(isFirst ? first : second, at: path, here)) { first, _ in first }
      case .call(let number, let inner):
        found.merge(places(inner, at: "\(path)c\(number)", here)) { first, _ in first }
      case .fail: break
      }
    }
    return found
  }

  /// The names of the deeds that can be taken back.
  static func undoable(_ block: [SagaStep], _ names: some Sequence<String>) -> Set<String> {
    let numbers = Set(numbers(block))
    return Set(
      names.filter { name in
        name.split(separator: "@").first.flatMap { Int($0) }.map(numbers.contains) ?? false
      }
    )
  }

  private static func numbers(_ block: [SagaStep]) -> [Int] {
    block.flatMap { step -> [Int] in
      switch step {
      case .deed(let number, let isUndoable, _): isUndoable ? [number] : []
      case .parallel(let blocks, _, _): blocks.flatMap(numbers)
      case .each(_, let block, _, _), .call(_, let block): numbers(block)
      case .choose(_, let first, let second): numbers(first) + numbers(second)
      case .fail: []
      }
    }
  }

  enum Place: Hashable {
    case inTurn(Int)
    case aside(Int)
  }

  /// Whether the deed at one place is over before that at another one begins.
  static func isBefore(_ one: [Place], _ other: [Place]) -> Bool {
    for (left, right) in zip(one, other) where left != right {
      if case .inTurn(let left) = left, case .inTurn(let right) = right { return left < right }
      return false
    }
    return false
  }
}

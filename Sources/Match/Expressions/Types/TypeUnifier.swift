// SPDX-License-Identifier: Apache-2.0

/// Finds out what type parameters stand for, so that types agree.
///
/// Assignability is gradual: `dyn` agrees with everything, and of two types that agree the more general one is kept
/// for a parameter. `null` agrees with what may be absent: instants, spans and opaque types.
struct TypeUnifier {
  private var bindings: [String: ExpressionType] = [:]

  /// Whether each of `types` can be taken for its counterpart; only then parameters keep what was found out.
  mutating func assign(_ types: [ExpressionType], to others: [ExpressionType]) -> Bool {
    var trial = self
    guard types.count == others.count,
      zip(types, others).allSatisfy({ trial.isAssignable($0, $1) })
    else { return false }
    self = trial
    return true
  }

  /// Whether `type` can be taken for `other`.
  mutating func assign(_ type: ExpressionType, to other: ExpressionType) -> Bool {
    assign([type], to: [other])
  }

  /// The type with its parameters replaced by what they stand for; free ones become `dyn` if `isFinal`.
  func resolved(_ type: ExpressionType, isFinal: Bool = false) -> ExpressionType {
    if case .parameter(let name) = type {
      if let bound = bindings[name] { return resolved(bound, isFinal: isFinal) }
      return isFinal ? .dyn : type
    }
    return type.replacing { resolved($0, isFinal: isFinal) }
  }

  /// The more general one of two types that agree.
  static func mostGeneral(_ left: ExpressionType, _ right: ExpressionType) -> ExpressionType {
    isAtMostAsSpecific(left, right) ? left : right
  }

  private static func isAtMostAsSpecific(_ left: ExpressionType, _ right: ExpressionType) -> Bool {
    switch (left, right) {
    case (.dyn, _), (.parameter, _): return true
    case (_, .dyn), (_, .parameter): return false
    case (.type, .type): return true
    case (.opaque(let name, _), .opaque(let other, _)) where name != other: return false
    case (.list, .list), (.map, .map), (.opaque, .opaque):
      return left.parameters.count == right.parameters.count
        && zip(left.parameters, right.parameters).allSatisfy(isAtMostAsSpecific)
    default: return left == right
    }
  }

  private mutating func isAssignable(_ type: ExpressionType, _ other: ExpressionType) -> Bool {
    if case .parameter(let name) = other {
      let (isValid, wasBound) = bind(name, to: type)
      if isValid { return true }
      if wasBound { return false }
    }
    if case .parameter(let name) = type { return bind(name, to: other).isValid }
    switch (type, other) {
    case (.dyn, _), (_, .dyn): return true
    case (.null, .null): return true
    case (.null, let concrete), (let concrete, .null): return Self.mayBeNull(concrete)
    case (.type, .type): return true
    case (.opaque(let name, _), .opaque(let second, _)) where name != second: return false
    case (.list, .list), (.map, .map), (.opaque, .opaque):
      guard type.parameters.count == other.parameters.count else { return false }
      for (part, counterpart) in zip(type.parameters, other.parameters) where !isAssignable(part, counterpart)
      {
        return false
      }
      return true
    case (.record, .map(let key, _)): return isAssignable(.string, key)
    case (.map(let key, _), .record): return isAssignable(key, .string)
    default: return type == other
    }
  }

  private static func mayBeNull(_ type: ExpressionType) -> Bool {
    switch type {
    case .opaque, .timestamp, .duration: true
    default: false
    }
  }

  /// Lets a parameter stand for a type, or for the more general one of that and what it stood for.
  private mutating func bind(_ name: String, to type: ExpressionType) -> (isValid: Bool, wasBound: Bool) {
    if type == .parameter(name) { return (true, true) }
    if let bound = bindings[name] {
      if type == bound { return (true, true) }
      guard isAssignable(type, bound) else { return (false, true) }
      let general = Self.mostGeneral(type, bound)
      if !occurs(name, in: general) { bindings[name] = general }
      return (true, true)
    }
    guard !occurs(name, in: type) else { return (false, false) }
    bindings[name] = type
    return (true, false)
  }

  /// Whether a parameter is part of a type that it might stand for, which would have no end.
  private func occurs(_ name: String, in type: ExpressionType) -> Bool {
    if case .parameter(let other) = type {
      return other == name || bindings[other].map { occurs(name, in: $0) } ?? false
    }
    return type.parameters.contains { occurs(name, in: $0) }
  }
}

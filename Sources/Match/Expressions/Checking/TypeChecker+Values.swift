// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// The types of selections, of lists and maps, and of what walks over them.
extension TypeChecker {
  mutating func typeOfSelection(
    _ operand: Syntax,
    _ field: String,
    _ selection: Syntax.Selection,
    _ syntax: Syntax
  ) -> ExpressionType {
    if selection == .plain, let type = typeOfQualifiedName(syntax) { return type }
    let operandType = unifier.resolved(type(of: operand))
    let wrapped = operandType.optionalWrapped
    let found = typeOfField(field, of: wrapped.map { unifier.resolved($0) } ?? operandType, syntax)
    switch selection {
    case .test: return .bool
    case .optional: return .optional(found)
    case .plain: return wrapped == nil || found.isOptional ? found : .optional(found)
    }
  }

  /// The type of a variable whose name has dots in it, or of a type with such a name.
  private func typeOfQualifiedName(_ syntax: Syntax) -> ExpressionType? {
    guard let (name, first, isAbsolute) = syntax.qualifiedName, isAbsolute || locals.find(first) == nil else {
      return nil
    }
    return switch environment.meaning(of: name, isAbsolute: isAbsolute) {
    case .variable(let slot)?: environment.variables[slot].type
    case .type(_, let type)?: .type(type)
    case nil: nil
    }
  }

  private mutating func typeOfField(_ field: String, of type: ExpressionType, _ syntax: Syntax)
    -> ExpressionType
  {
    switch type {
    case .dyn: return .dyn
    case .map(_, let value): return value
    case .parameter:
      _ = unifier.assign(.dyn, to: type)
      return .dyn
    case .record(let record): return typeOfField(field, of: record, syntax)
    default:
      report(.type, "a \(text(type)) has no fields, such as '\(field)'", at: syntax.range)
      return .dyn
    }
  }

  /// A field that is not known, but spelled much like one that is, is taken for a slip.
  private mutating func typeOfField(_ field: String, of record: RecordType, _ syntax: Syntax)
    -> ExpressionType
  {
    if let type = record.fields[field] { return type }
    let help = Suggestion.help(for: field, among: record.fields.keys.sorted())
    if let others = record.others, help == nil { return others }
    report(
      .unknownField,
      record.missing.split(separator: "%", omittingEmptySubsequences: false).joined(separator: field),
      at: syntax.range,
      help: help.map { $0 + (record.others == nil ? "" : ", or write [\"\(field)\"] if that is meant") }
    )
    return .dyn
  }

  mutating func typeOfList(_ elements: [Syntax.Element]) -> ExpressionType {
    var common: ExpressionType?
    for element in elements {
      let found = element.isOptional ? unwrapped(element.value) : type(of: element.value)
      common = common.map { joined($0, found) } ?? found
    }
    return .list(common ?? freshParameter())
  }

  mutating func typeOfMap(_ entries: [Syntax.Entry]) -> ExpressionType {
    var keys: ExpressionType?
    var values: ExpressionType?
    for entry in entries {
      let key = type(of: entry.key)
      keys = keys.map { joined($0, key) } ?? key
      let value = entry.isOptional ? unwrapped(entry.value) : type(of: entry.value)
      values = values.map { joined($0, value) } ?? value
    }
    return .map(keys ?? freshParameter(), values ?? freshParameter())
  }

  /// The type of what an optional holds.
  private mutating func unwrapped(_ syntax: Syntax) -> ExpressionType {
    let wrapped = freshParameter()
    let found = type(of: syntax)
    if !unifier.assign(found, to: .optional(wrapped)) {
      report(.type, "'?' is for what may be missing, and this is a \(text(found))", at: syntax.range)
      return .dyn
    }
    return unifier.resolved(wrapped)
  }

  mutating func typeOfWalk(_ walk: Comprehension) -> ExpressionType {
    let (key, value, isMap) = typesOfRange(walk.range)
    if walk.names.count == 2 {
      locals.push(walk.names[0], key)
      locals.push(walk.names[1], value)
    } else {
      locals.push(walk.names[0], isMap ? key : value)
    }
    defer { locals.pop(walk.names.count) }
    if let filter = walk.filter { check(filter, is: .bool) }
    switch walk.kind {
    case .all, .exists, .existsOne:
      if let body = walk.body { check(body, is: .bool) }
      return .bool
    case .filter: return .list(isMap ? key : value)
    case .sort:
      if let body = walk.body { _ = type(of: body) }
      return .list(isMap ? key : value)
    case .list: return .list(walk.body.map { type(of: $0) } ?? .dyn)
    case .map: return .map(key, walk.body.map { type(of: $0) } ?? .dyn)
    case .mapEntries:
      let entries = ExpressionType.map(freshParameter(), freshParameter())
      if let body = walk.body { check(body, is: entries) }
      return unifier.resolved(entries)
    }
  }

  /// The types of what a walk goes over: indexes and elements, or keys and values.
  private mutating func typesOfRange(
    _ range: Syntax
  ) -> (key: ExpressionType, value: ExpressionType, isMap: Bool) {
    let found = unifier.resolved(type(of: range))
    switch found {
    case .list(let element): return (.int, element, false)
    case .map(let key, let value): return (key, value, true)
    case .dyn, .parameter: return (.dyn, .dyn, false)
    case .record: return (.string, .dyn, true)
    default:
      report(.type, "a list or a map was expected here, and this is a \(text(found))", at: range.range)
      return (.dyn, .dyn, false)
    }
  }

  mutating func typeOfOptionalMap(
    _ target: Syntax,
    _ name: String,
    _ body: Syntax,
    _ isFlat: Bool
  ) -> ExpressionType {
    locals.push(name, unwrapped(target))
    defer { locals.pop() }
    guard isFlat else { return .optional(type(of: body)) }
    let result = ExpressionType.optional(freshParameter())
    check(body, is: result)
    return unifier.resolved(result)
  }
}

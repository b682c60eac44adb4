// SPDX-License-Identifier: Apache-2.0

/// What expressions may speak of: the variables with their types, and the functions.
///
/// Made once for each place in the rules and used for all expressions there. A variable's place in `variables` is
/// where evaluation looks for its value.
public struct ExpressionEnvironment: Sendable {
  /// A variable with its type.
  public struct Variable: Sendable {
    /// The name, which may be qualified, such as `a.b`.
    public let name: String
    /// The type; `dyn` when only evaluation can tell.
    public let type: ExpressionType

    /// Declares a variable.
    public init(_ name: String, _ type: ExpressionType) {
      self.name = name
      self.type = type
    }
  }

  /// The variable behind `secret(…)`, which no expression can name.
  static let secrets = "@secrets"

  /// The variable behind `aggregate(…)` and `view(…)`, which no expression can name.
  static let states = "@states"

  /// The variables in the order of their values.
  public let variables: [Variable]
  private let slots: [String: Int]
  /// The qualifiers that names may do without, from the innermost: `a.b.` and `a.`.
  private let containers: [String]
  var functions: FunctionTable

  /// Declares the variables, with the functions that every expression has.
  public init(variables: [Variable]) {
    self.init(variables: variables, container: "", functions: .standard)
  }

  init(variables: [Variable], container: String, functions: FunctionTable) {
    self.variables = variables
    self.functions = functions
    slots = Dictionary(variables.enumerated().map { ($1.name, $0) }) { first, _ in first }
    var containers: [String] = []
    var parts = container.split(separator: ".")
    while !parts.isEmpty {
      containers.append(parts.joined(separator: ".") + ".")
      parts.removeLast()
    }
    self.containers = containers
  }

  /// What a name stands for.
  enum Meaning {
    case variable(slot: Int)
    case type(TypeName, ExpressionType)
  }

  func meaning(of name: String, isAbsolute: Bool) -> Meaning? {
    for candidate in candidates(name, isAbsolute) {
      if let slot = slots[candidate] { return .variable(slot: slot) }
      if let type = Self.types[candidate] { return .type(type.0, type.1) }
    }
    return nil
  }

  func function(_ name: String, isMember: Bool, arity: Int) -> Function? {
    if isMember { return functions.find(name, isMember: true, arity: arity) }
    let isAbsolute = name.hasPrefix(".")
    for candidate in candidates(isAbsolute ? String(name.dropFirst()) : name, isAbsolute) {
      if let function = functions.find(candidate, isMember: false, arity: arity) { return function }
    }
    return nil
  }

  private func candidates(_ name: String, _ isAbsolute: Bool) -> [String] {
    isAbsolute || containers.isEmpty ? [name] : containers.map { $0 + name } + [name]
  }

  /// The names of types, which are values.
  private static let types: [String: (TypeName, ExpressionType)] = [
    "null_type": (.null, .null), "bool": (.bool, .bool), "int": (.int, .int), "uint": (.uint, .uint),
    "double": (.double, .double), "string": (.string, .string), "bytes": (.bytes, .bytes),
    "list": (.list, .list(.dyn)), "map": (.map, .map(.dyn, .dyn)), "type": (.type, .type(nil)),
    "google.protobuf.Timestamp": (.timestamp, .timestamp), "google.protobuf.Duration": (.duration, .duration),
    "optional_type": (.optional, .optional(.dyn)), "net.IP": (.address, .address),
    "net.CIDR": (.network, .network),
  ]
}

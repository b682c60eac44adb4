// SPDX-License-Identifier: Apache-2.0

/// One operation of a compiled expression, in sixteen bytes and without references.
///
/// `a`, `b` and `c` are numbers of other instructions, of constants, or of what the operation says.
struct Instruction: Sendable {
  enum Operation: UInt8, Sendable {
    /// The constant `a`.
    case constant
    /// The value of the variable `a`.
    case variable
    /// The value of the local variable `a`.
    case local
    /// The error `a`, since the name or function means nothing.
    case failure
    /// The field with the name `b` of `a`; with `selectOptional`, or whether it exists.
    case select, selectOptional, selectTest
    /// The element or entry `b` of `a`.
    case index, indexOptional
    /// The fields of the variable `a` that are given by the names from `b` on, `c` in number.
    case path
    /// `c` operands from `b` on.
    case and, or
    /// `b` or `c`, according to `a`.
    case conditional
    case not, negate
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    /// How the string at the end of the path `a` lies to the name `b`, in the sense of the `TextTest` `c`.
    case pathIsText
    /// How the path `a` lies to the number `b`, in the sense of the comparison `c`.
    case pathLiesToNumber
    /// Whether `a` is an element or a key of `b`, or of the set `b`.
    case contained, containedInSet
    /// Whether the regular expression `b` matches within the string `a`.
    case matches
    /// The function `a` of one value, `b`, of two, `b` and `c`, or of `c` operands from `b` on.
    case unary, binary, many
    /// The sum of `c` operands from `b` on, one of which is a text.
    case sum
    /// A list of `c` elements, operands from `b` on, each with whether it may be missing.
    case list
    /// A map of `c` entries, operands from `b` on: key, value, and whether it may be missing.
    case map
    /// The walk `a`.
    case walk
    /// The value of `c` while the local variable `a` is `b`.
    case bind
    /// The optional of what operands from `b` on say: target, local variable, body, whether it is flat.
    case optionalMap
  }

  /// What is asked of a string and a constant one.
  enum TextTest: Int32, Sendable {
    case equal, notEqual, prefix, suffix, part

    /// The test that a method makes.
    init?(method: String) {
      switch method {
      case "startsWith": self = .prefix
      case "endsWith": self = .suffix
      case "contains": self = .part
      default: return nil
      }
    }
  }

  let operation: Operation
  let a: Int32
  let b: Int32
  let c: Int32

  init(_ operation: Operation, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0) {
    self.operation = operation
    self.a = Int32(a)
    self.b = Int32(b)
    self.c = Int32(c)
  }
}

/// A walk over a list or a map, with the numbers of instructions and of local variables.
struct Walk: Sendable {
  let kind: Comprehension.Kind
  let range: Int
  let locals: [Int]
  let filter: Int?
  let body: Int?
}

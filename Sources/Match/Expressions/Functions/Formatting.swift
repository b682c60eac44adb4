// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `text.format([values])` of the strings extension.
struct Formatter {
  private let pattern: [UInt8]
  private var values: ArraySlice<Value>
  private var result: [UInt8] = []
  private var offset = 0
  /// The most digits after the point that may be asked for.
  private static let precisionLimit = 1000

  static func format(_ pattern: Text, _ values: [Value]) throws(EvaluationError) -> Text {
    var formatter = Formatter(pattern: pattern.array, values: values[...])
    return try formatter.run()
  }

  private init(pattern: [UInt8], values: ArraySlice<Value>) {
    self.pattern = pattern
    self.values = values
  }

  private mutating func run() throws(EvaluationError) -> Text {
    while offset < pattern.count {
      let byte = pattern[offset]
      offset += 1
      if byte != UInt8(ascii: "%") {
        result.append(byte)
      } else if offset < pattern.count, pattern[offset] == UInt8(ascii: "%") {
        result.append(byte)
        offset += 1
      } else {
        result += Array(try clause().utf8)
      }
    }
    return Text(result)
  }

  private mutating func clause() throws(EvaluationError) -> String {
    let precision = try precision()
    guard offset < pattern.count else { throw EvaluationError(.argument, "the format ends after '%'") }
    let letter = pattern[offset]
    offset += 1
    guard let value = values.popFirst() else {
      throw EvaluationError(.argument, "the format asks for more values than there are")
    }
    switch letter {
    case UInt8(ascii: "s"): return Self.text(value)
    case UInt8(ascii: "d"): return try Self.decimal(value)
    case UInt8(ascii: "f"): return try Self.floating(value, "f", precision)
    case UInt8(ascii: "e"): return try Self.floating(value, "e", precision)
    case UInt8(ascii: "b"): return try Self.integer(value, radix: 2, "binary")
    case UInt8(ascii: "o"): return try Self.integer(value, radix: 8, "octal")
    case UInt8(ascii: "x"): return try Self.hexadecimal(value)
    case UInt8(ascii: "X"): return try Self.hexadecimal(value).uppercased()
    default:
      throw EvaluationError(
        .argument,
        "the format has an unknown clause '%\(Character(Unicode.Scalar(letter)))'"
      )
    }
  }

  /// The digits after the point that a clause asks for.
  private mutating func precision() throws(EvaluationError) -> Int {
    guard offset < pattern.count, pattern[offset] == UInt8(ascii: ".") else { return 6 }
    offset += 1
    var value = 0
    while offset < pattern.count, Lexer.isDigit(pattern[offset]), value <= Self.precisionLimit {
      value = value * 10 + Int(pattern[offset] & 0xF)
      offset += 1
    }
    guard value <= Self.precisionLimit else { throw EvaluationError(.argument, "the precision is too great") }
    return value
  }

  /// Any value as text; the entries of a map are ordered by their keys.
  private static func text(_ value: Value) -> String {
    if case .double(let number) = value { return DecimalText.positional(number) }
    if let elements = value.listElements { return "[" + elements.map(text).joined(separator: ", ") + "]" }
    if let entries = value.mapEntries {
      let texts = entries.map { (key: text($0.key), value: text($0.value)) }.sorted {
        $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
      }
      return "{" + texts.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
    }
    return value.plainText
  }

  private static func decimal(_ value: Value) throws(EvaluationError) -> String {
    switch value {
    case .int, .uint: return value.plainText
    case .double(let number): return DecimalText.positional(number)
    default: throw mismatch("%d", "a number", value)
    }
  }

  private static func floating(_ value: Value, _ letter: String, _ precision: Int) throws(EvaluationError)
    -> String
  {
    let number: Double
    switch value {
    case .int(let integer): number = Double(integer)
    case .uint(let integer): number = Double(integer)
    case .double(let double): number = double
    default: throw mismatch("%\(letter)", "a number", value)
    }
    guard number.isFinite else { return DecimalText.plain(number) }
    var buffer = [CChar](repeating: 0, count: precision + 400)
    let count = withVaList([Int32(precision), number]) {
      vsnprintf(&buffer, buffer.count, "%.*\(letter)", $0)
    }
    return String(decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func integer(_ value: Value, radix: Int, _ what: String) throws(EvaluationError) -> String {
    switch value {
    case .int(let number): return String(number, radix: radix)
    case .uint(let number): return String(number, radix: radix)
    case .bool(let bool) where radix == 2: return bool ? "1" : "0"
    default: throw mismatch("the \(what) clause", radix == 2 ? "an integer or a bool" : "an integer", value)
    }
  }

  private static func hexadecimal(_ value: Value) throws(EvaluationError) -> String {
    switch value {
    case .int, .uint: return try integer(value, radix: 16, "hexadecimal")
    case .string(let text), .bytes(let text):
      return text.slice.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    default: throw mismatch("%x", "an integer, a string or bytes", value)
    }
  }

  private static func mismatch(_ clause: String, _ what: String, _ value: Value) -> EvaluationError {
    EvaluationError(.argument, "\(clause) is for \(what), not for a \(value.type.name)")
  }
}

extension FunctionTable {
  static let formatting: [Function] = [
    .method("format", [.string, .list(.dyn)], .string) { (values) throws(EvaluationError) in
      let arguments = Arguments("format", values)
      return .string(try Formatter.format(try arguments.text(0), try arguments.list(1)))
    }
  ]
}

// SPDX-License-Identifier: Apache-2.0

// Throws bytes at the parsers: whatever they are, a parser may only accept them or say what is wrong.
//
//     fuzz TARGET [options of libFuzzer] [folder with inputs]
//
// TARGET is json, yaml, pattern or expression. Build and run it with `Scripts/fuzz`.

/// The driver of libFuzzer, which calls back for each input.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

@main
struct Fuzz {
  private static let targets: [String: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32] = [
    "json": { JSONTarget.run(Fuzz.bytes($0, $1)) }, "yaml": { YAMLTarget.run(Fuzz.bytes($0, $1)) },
    "pattern": { PatternTarget.run(Fuzz.bytes($0, $1)) },
    "expression": { ExpressionTarget.run(Fuzz.bytes($0, $1)) },
  ]

  static func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
    Array(UnsafeBufferPointer(start: start, count: count))
  }

  static func main() {
    guard CommandLine.arguments.count > 1, let target = targets[CommandLine.arguments[1]] else {
      print("usage: fuzz \(targets.keys.sorted().joined(separator: "|")) [options of libFuzzer] [folder]")
      return
    }
    var count = CommandLine.argc - 1
    var arguments = CommandLine.unsafeArgv + 1
    _ = runDriver(&count, &arguments, target)
  }
}

// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Matching

// How many events a second of processor time one core matches, from JSON text to the names of rules, for growing
// numbers of rules.
//
//     MatchBench EVENTS RULES [COUNT…]
//
// EVENTS holds one JSON object a line, valid as all events are once they are in a batch; RULES one {"name":…, "pattern":…} a line, of which the first COUNT are taken.

let arguments = CommandLine.arguments
guard arguments.count > 2 else {
  print("usage: MatchBench EVENTS RULES [COUNT…]")
  exit(64)
}

/// The lines of a file.
func lines(_ path: String) throws -> [[UInt8]] {
  try [UInt8](Data(contentsOf: URL(filePath: path))).split(separator: UInt8(ascii: "\n")).map(Array.init)
}

func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

let events = try lines(arguments[1])
let patterns = try lines(arguments[2]).map { line in
  guard let pattern = try JSONValue(json: line)["pattern"] else { throw POSIXError(.EINVAL) }
  return try EventPattern(pattern)
}
let counts = arguments.dropFirst(3).compactMap { Int($0) }

print("rules\tbuild s\tevents/s\tmatches  (\(events.count) events, \(arguments[2]))")
for count in counts.isEmpty ? [patterns.count] : counts {
  let begun = processorSeconds()
  let matcher = PatternMatcher(Array(patterns.prefix(count)))
  let built = processorSeconds()
  var scratch = MatchScratch()
  var matches = 0
  for event in events {
    matcher.match(valid: event.span, &scratch)
    matches += scratch.matched.count
  }
  let rate = Double(events.count) / (processorSeconds() - built)
  print("\(count)\t\(String(format: "%.2f", built - begun))\t\(Int(rate))\t\(matches)")
}

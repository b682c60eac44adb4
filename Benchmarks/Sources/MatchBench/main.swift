// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import Matching

// How many events a second of processor time one core matches, from JSON text to the names of rules, for growing
// numbers of rules.
//
//     MatchBench EVENTS RULES [COUNT…]
//
// EVENTS holds one JSON object a line, valid as all events are once they are in a batch; RULES one {"name":…,
// "pattern":…} a line, of which the first COUNT are taken. Whether a key holds a dot is found out before the clock
// starts, as a host knows it from taking the event in. Rates are medians of five passes.

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

/// The events of a file, each with whether a key of it holds a dot.
func readEvents(_ path: String) throws -> [(text: [UInt8], hasDottedKeys: Bool)] {
  var events: [(text: [UInt8], hasDottedKeys: Bool)] = []
  var tape = JSONTape()
  for line in try lines(path) {
    try tape.scan(line.span)
    events.append((line, tape.hasDottedKeys))
  }
  return events
}

/// The patterns of a file; a line without one ends the program.
func readPatterns(_ path: String) throws -> [EventPattern] {
  var patterns: [EventPattern] = []
  for line in try lines(path) {
    guard let value = try? JSONValue(json: line), let pattern = value["pattern"],
      let compiled = try? EventPattern(pattern)
    else {
      print("no pattern: \(String(decoding: line, as: UTF8.self))")
      exit(65)
    }
    patterns.append(compiled)
  }
  return patterns
}

let events = try readEvents(arguments[1])
let patterns = try readPatterns(arguments[2])
let counts = arguments.dropFirst(3).compactMap { Int($0) }

print("rules\tbuild s\tevents/s\tmatches  (\(events.count) events, \(arguments[2]))")
for count in counts.isEmpty ? [patterns.count] : counts {
  let begun = processorSeconds()
  let matcher = PatternMatcher(Array(patterns.prefix(count)))
  let built = processorSeconds()
  var scratch = MatchScratch()
  var matches = 0
  var rates: [Double] = []
  for _ in 0..<5 {
    matches = 0
    let start = processorSeconds()
    for event in events {
      matcher.match(valid: event.text.span, hasDottedKeys: event.hasDottedKeys, &scratch)
      matches += scratch.matched.count
    }
    rates.append(Double(events.count) / (processorSeconds() - start))
  }
  let rate = rates.sorted()[2]
  print("\(count)\t\(String(format: "%.2f", built - begun))\t\(Int(rate))\t\(matches)")
}

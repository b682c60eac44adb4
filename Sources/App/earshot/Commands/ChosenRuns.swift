// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EarshotHost
import EventModel

/// Runs that something is to be done with.
struct ChosenRuns: ParsableArguments {
  @Argument(help: "The numbers of the runs.") var runs: [Int64]
  @OptionGroup var location: StateOption

  /// Does it, one run after another, and says how each is then.
  func change(_ verb: String) async throws {
    for run in runs {
      let answer = try await location.asking { try await $0.post(["runs", String(run), verb]) }
      print("run \(run) is \(answer["state"]?.string ?? "changed")")
    }
  }
}

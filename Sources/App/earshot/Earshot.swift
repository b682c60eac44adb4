// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// Theory of operation.
///
/// Each verb of the command line is one file in `Commands/`. A verb parses its options, asks `EarshotHost` for
/// the work, and renders the answer: a table for people, JSON with `--json`. Verbs that look at a running host
/// talk to it over its control socket and read the log themselves when none runs.
@main struct Earshot: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "earshot",
    abstract: "Hear events, log them durably, and run what your rules say.",
    discussion: """
      Earshot watches files, timers, a local socket and commands, writes each event to a durable log, matches \
      it against the YAML rules that you give it, and triggers listeners: small programs in any language, \
      started and supervised by Earshot.
      """,
    version: "0.1.0",
    subcommands: [
      Run.self, Check.self, Test.self, Emit.self, Tail.self, Events.self, Show.self, Why.self, WhyNot.self,
      Pending.self, Runs.self, Dead.self, Graph.self, Command.self, AggregateCommands.self, View.self,
      Query.self,
      BacktestCommand.self, ReplayCommand.self,
      Plugin.self,
      Log.self,
      Service.self, Completions.self,
    ]
  )
}

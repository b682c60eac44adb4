// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `earshot completions`: prints a completion script.
struct Completions: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the completion script for your shell.",
    discussion: """
      bash: earshot completions bash > ~/.local/share/bash-completion/completions/earshot
      zsh:  earshot completions zsh > ~/.zfunc/_earshot
      fish: earshot completions fish > ~/.config/fish/completions/earshot.fish
      """
  )

  enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash, zsh, fish

    var scripted: CompletionShell {
      switch self {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    }
  }

  @Argument(help: "The shell.") var shell: Shell

  func run() { print(Earshot.completionScript(for: shell.scripted)) }
}

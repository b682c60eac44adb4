// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import EarshotHost
import Foundation

extension Plugin {
  /// `earshot plugin new`: writes the beginning of a plugin.
  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the beginning of a plugin, with a test.",
      discussion: """
        Without options, writes a folder below Plugins/ of earshot's own repository, which is to be the current \
        directory. With --outside, writes a package of its own. What is there already is not touched.
        """
    )

    @Argument(help: "The plugin's name in UpperCamelCase; OrderMail is called order-mail in rules.")
    var name: String
    @Option(help: "The directory of a package of its own.") var outside: String?
    @Option(help: "The path or URL of the earshot package, for --outside.") var earshot: String?

    func validate() throws {
      guard (outside == nil) == (earshot == nil) else {
        throw ValidationError(
          "--outside and --earshot belong together: where to write, and on what to depend"
        )
      }
    }

    func run() throws {
      let name: PluginName
      do throws(PluginName.Refusal) {
        name = try PluginName(self.name)
      } catch {
        throw commandFailure(error.description, status: 64)
      }
      let files = try files(of: name)
      do {
        for path in try files.write() { print("wrote \(path)") }
      } catch {
        throw commandFailure("\(error)", status: 73)
      }
      print("\n" + steps(name))
    }

    private func files(of name: PluginName) throws -> NewFiles {
      let template = PluginTemplate(name)
      if let outside, let earshot {
        return NewFiles(template.package(earshot: absolute(earshot)), in: outside)
      }
      let isRepository = ["Package.swift", "Plugins/README.md", "Sources/Listener"]
        .allSatisfy(FileManager.default.fileExists(atPath:))
      guard isRepository else {
        let help = "use --outside DIR --earshot PATH_OR_URL for a package of its own"
        throw commandFailure("the current directory is not earshot's repository; \(help)", status: 66)
      }
      return NewFiles(template.folder, in: ".")
    }

    /// A path that means the same from everywhere; a URL stays as it is.
    private func absolute(_ text: String) -> String {
      text.contains("://") || text.hasPrefix("git@") ? text : URL(filePath: text).standardizedFileURL.path
    }

    private func steps(_ name: PluginName) -> String {
      guard let outside else {
        return """
          Next:
            make build
            swift test --filter \(name.module)Tests
          A rule calls it with 'uses: \(name.plugin).greet'.
          """
      }
      return """
        Next:
          cd \(outside)
          swift test
          swift build --configuration release --product \(name.executable)
          install -D .build/release/\(name.executable) ~/.local/share/earshot/plugins/\(name.executable)
        A rule calls it with 'uses: \(name.plugin).greet'.
        """
    }
  }
}

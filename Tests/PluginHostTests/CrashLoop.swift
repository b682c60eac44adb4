// SPDX-License-Identifier: Apache-2.0

import EventModel
import Foundation
import PluginHost
import PluginWire
import FaultTesting
import Processes
import Testing

/// Plugins that end again and again, each in a way of its own, beside one that does its work.
///
/// What they leave behind is looked for in this process, in which nothing else must happen.
struct CrashLoop {
  /// By how much the memory may grow, in KiB.
  private static let mostGrowth = 2048

  private let folder: String
  /// Found in the environment of all that the plugins start.
  private let mark: String
  private let sick: [DrivenPlugin]
  private let sound: DrivenPlugin

  init() throws {
    folder = NSTemporaryDirectory() + "earshot-\(UUID().uuidString.prefix(8))"
    mark = folder + "/home"
    try FileManager.default.createDirectory(
      atPath: folder,
      withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700]
    )
    sick = try HostileDeed.allCases.map { [folder, mark] deed in
      try DrivenPlugin(deed.rawValue, script: deed.script, in: folder, home: mark)
    }
    // Answers with its number, which stays the same as long as the process does.
    let answer =
      #"id=${line#*'"id":'}; id=${id%%,*}; echo "{\"kind\":\"ack\",\"id\":$id,\"output\":$$}""#
    sound = try DrivenPlugin(
      "sound",
      script: PluginScript.text(PluginScript.hello("sound"), answer),
      in: folder,
      home: mark
    )
  }

  /// Lets the plugins end so often in all, of which the first part does not count, and checks what is left.
  func run(_ crashes: Int, warmUp: Int) async throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    LargeBuffers.giveBack()
    let process = try await askSoundPlugin()
    try await crash(warmUp, beside: process, nil)
    let descriptors = try await settledDescriptors()
    var memory: [(x: Double, y: Double)] = []
    var count = warmUp
    while count < crashes {
      let part = max(50, (crashes - warmUp) / 20)
      try await crash(part, beside: process, descriptors)
      count += part
      memory.append((Double(count), Double(try ProcessFigures().residentKilobytes)))
    }
    let growth = Int(LinearFit(memory).rise)
    #expect(growth <= Self.mostGrowth, "the memory grows: \(memory.map(\.y))")
    print(
      "plugin crashes \(count) in \(sick.count) ways, memory \(Int(memory.last?.y ?? 0)) KiB, of which \(growth)",
      "since the first \(warmUp), descriptors \(descriptors) and none more, processes left \(leftOvers.count)"
    )
    for plugin in sick + [sound] {
      await plugin.close()
      #expect(plugin.hasAnsweredOnce, "\(plugin.name)")
    }
    #expect(ListedProcess.children(of: getpid()).isEmpty)
  }

  /// What is there besides the sound plugin: children of this process, or what the plugins have started.
  private var leftOvers: [Int32] {
    let all = ListedProcess.children(of: getpid()) + ListedProcess.marked(with: mark)
    let numbers = Set(all.map(\.id))
    return numbers.count == 1 ? [] : numbers.sorted()
  }

  private func crash(_ count: Int, beside process: String, _ descriptors: Int?) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (plugin, deed) in zip(sick, HostileDeed.allCases) {
        // Side by side, as in a host.
        group.addTask {
          for _ in 0..<count / sick.count { await crash(plugin, deed) }
        }
      }
      try await group.waitForAll()
    }
    let same = try await askSoundPlugin()
    #expect(same == process, "the sound plugin was started again")
    guard let descriptors else { return }
    let isClean = try await eventually {
      try leftOvers.isEmpty && ProcessFigures().descriptors <= descriptors
    }
    let present = try ProcessFigures().descriptors
    try #require(isClean, "\(descriptors) descriptors, then \(present); left: \(leftOvers)")
  }

  /// How many descriptors are open when all that has ended is closed.
  private func settledDescriptors() async throws -> Int {
    var (last, times) = (0, 0)
    let isSettled = try await eventually {
      let present = try ProcessFigures().descriptors
      times = present == last && leftOvers.isEmpty ? times + 1 : 0
      last = present
      return times == 50
    }
    try #require(isSettled, "left: \(leftOvers)")
    return last
  }

  private func crash(_ plugin: DrivenPlugin, _ deed: HostileDeed) async {
    plugin.submit()
    if deed.hangs {
      _ = await plugin.line(beginning: "\(plugin.name): asked")
      // More than a plugin may take to greet and than a run may take.
      plugin.clock.advance(by: .seconds(11))
    }
    if deed.hangs, deed != .silence {
      _ = await plugin.outcome()
      plugin.clock.advance(by: .seconds(6))
    }
    let end = await plugin.line(beginning: "'\(plugin.name)'")
    #expect(end.hasPrefix("'\(plugin.name)' \(deed.reason)"), "\(end)")
    if !deed.hangs { _ = await plugin.outcome() }
    // More than the longest pause before the next start.
    plugin.clock.advance(by: .seconds(61))
  }

  private func askSoundPlugin() async throws -> String {
    sound.submit()
    guard case .ack(let output, _)? = await sound.outcome()?.reply else { throw CancellationError() }
    return String(decoding: try #require(output), as: UTF8.self)
  }
}

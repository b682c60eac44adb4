// SPDX-License-Identifier: Apache-2.0

import BenchSupport
import Foundation

// How long a host takes to be ready when it watches many folders: at its first start, when it takes the files in, and
// at a later one, when it compares them with what it knows; beside one look at each file and one watch on each folder.
//
//     StartBench [folders] [files in each] [repetitions]

let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let folders = arguments.first ?? 10_000
let files = arguments.dropFirst().first ?? 10
let repetitions = arguments.dropFirst(2).first ?? 5

let root = NSTemporaryDirectory() + "earshot-start-\(getpid())"
defer { try? FileManager.default.removeItem(atPath: root) }
for folder in 0..<folders {
  let path = "\(root)/\(folder / 100)/\(folder % 100)"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  for file in 0..<files { close(open("\(path)/f\(file)", O_CREAT | O_WRONLY, 0o600)) }
}

/// Looks at everything below a folder and watches each folder.
func walk(_ path: String, _ notifier: Int32) {
  inotify_add_watch(notifier, path, UInt32(IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO))
  guard let directory = opendir(path) else { return }
  defer { closedir(directory) }
  while let entry = readdir(directory) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) {
      String(cString: $0.bindMemory(to: CChar.self).baseAddress!)
    }
    if name == "." || name == ".." { continue }
    var status = stat()
    guard fstatat(dirfd(directory), name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
    if status.st_mode & S_IFMT == S_IFDIR { walk(path + "/" + name, notifier) }
  }
}

let rules = """
  sources: { in: { uses: files, with: { paths: ["\(root)"] } } }
  rules: { seen: { trigger: { type: file.* }, actions: [ { emit: { type: seen } } ] } }
  """

var bare: [Double] = []
var first: [Double] = []
var later: [Double] = []
for _ in 0..<repetitions {
  bare.append(
    seconds {
      let notifier = inotify_init1(0)
      walk(root, notifier)
      close(notifier)
    }
  )
  var host: BenchHost?
  first.append(try seconds { host = try BenchHost(rules: rules) })
  host?.stop()
  later.append(try seconds { try host?.startAgain() })
  host?.end()
}

func text(_ values: [Double]) -> String { String(format: "%.2f", quantile(0.5, of: values)) }
print("\(folders) folders with \(files) files each, medians of \(repetitions)")
print("bare \(text(bare)) s, first start \(text(first)) s, later start \(text(later)) s")
print("ratio of the later start: \(text(zip(later, bare).map { $0 / $1 }))")

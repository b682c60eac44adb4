// SPDX-License-Identifier: Apache-2.0

/// Theory of operation.
///
/// A plugin is an executable named `earshot-listener-<name>` in one of the plugin folders. It runs as a process of
/// its own with an environment of its own; what it does wrong (crash, hang, flood, speak nonsense) ends that
/// process and nothing else. The host reads its standard output through a limit on the length of a line, and its
/// standard error as text for the log.
///
/// `Discovery` finds the executables and hears what each says of itself, which is what rules are checked against.
/// `Process` is one running plugin. `Supervision` starts a plugin when there is work for it, shares the work out, and
/// answers for every run whatever the plugin does: `PluginSlot` decides, `PluginWorker` carries out.
public enum PluginExecutables {
  /// What the name of every plugin's executable begins with.
  public static let prefix = "earshot-listener-"
}

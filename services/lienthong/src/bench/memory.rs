//! What the system says of memory and disk.

use std::fs;
use std::path::Path;

/// From here on the peak counts anew, where the system lets it.
pub(super) fn forget_the_peak() {
    // Where it does not, the figure is that of the whole process, which is no less.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// The most that was resident, in MiB; none where the system does not tell.
pub(super) fn peak_mib() -> Option<u64> {
    told_mib("VmHWM:")
}

/// What is resident now, in MiB; none where the system does not tell.
pub(super) fn resident_mib() -> Option<u64> {
    told_mib("VmRSS:")
}

fn told_mib(what: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(what))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib >> 10)
}

/// The bytes of a folder's files.
pub(super) fn folder_bytes(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let bytes = |entry: fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => folder_bytes(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.map(bytes).sum()
}
